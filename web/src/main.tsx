import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { router } from "@/app/router";
import { SessionProvider } from "@/app/session";
import "@/styles.css";
import { applyTheme } from "@/ui/theme";
import { Toasts } from "@/ui/toast";

applyTheme();
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <SessionProvider>
      <RouterProvider router={router} />
      <Toasts />
    </SessionProvider>
  </StrictMode>,
);
