import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { router } from "@/app/router";
import { SessionProvider } from "@/app/session";
import "@/styles.css";
import { applyTheme } from "@/ui/theme";
import { Toasts } from "@/ui/toast";

applyTheme();
// The page's own parts are fetched while the frame around them is made. Where one cannot be had, that is
// met again, and told, when it is to be shown.
const routes: Readonly<Record<string, { options: { component?: { preload?: () => Promise<unknown> | undefined } } }>> = router.routesById;
const matches: readonly { routeId: string }[] = router.matchRoutes(router.latestLocation);
for (const { routeId } of matches) routes[routeId]?.options.component?.preload?.()?.catch(() => undefined);

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <SessionProvider>
      <RouterProvider router={router} />
      <Toasts />
    </SessionProvider>
  </StrictMode>,
);
