import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { router } from "@/app/router";
import { fetchFirst, SessionProvider } from "@/app/session";
import "@/styles.css";
import { applyTheme } from "@/ui/theme";
import { Toasts } from "@/ui/toast";

applyTheme();
// Drawn once, with the page's own code, its data and whoever looks; where that takes long, the frame comes first.
// What cannot be had is met again, and told, when it is to be shown.
const matches = router.matchRoutes(router.latestLocation);
const data = fetchFirst(matches.flatMap(({ staticData: { firstData }, params }) => (firstData ? [{ fetch: firstData, parameters: params }] : [])));
const behindSignIn = matches.some(({ routeId }) => routeId === "/shell");
const whole = Promise.allSettled([router.load(), behindSignIn && data]);
void Promise.race([whole, new Promise((done) => setTimeout(done, 1000))]).then(() => {
  createRoot(document.getElementById("root")!).render(
    <StrictMode>
      <SessionProvider>
        <RouterProvider router={router} />
        <Toasts />
      </SessionProvider>
    </StrictMode>,
  );
});
