import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState } from "react";
import { useMutation } from "urql";
import { Onward } from "@/app/onward";
import { Palette } from "@/app/palette";
import { placesFor } from "@/app/places";
import { isAdmin, useRestart, useSession, ViewerProvider } from "@/app/session";
import { Shortcuts, useShortcuts } from "@/app/shortcuts";
import { graphql } from "@/gql/gql";
import { Dialog } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { Icon, Mark, type IconName } from "@/ui/icon";
import { Menu } from "@/ui/menu";
import { OpenInApp } from "@/ui/open_in_app";
import { Failed, Skeleton } from "@/ui/states";
import { setTheme, useTheme, type Theme } from "@/ui/theme";

const SignOut = graphql(`
  mutation SignOut {
    signOut
  }
`);

type Overlay = "palette" | "shortcuts" | "more";

/** The frame of every page behind the sign-in. */
export function Shell() {
  const [{ data, error, fetching }, retry] = useSession();
  const here = useLocation();
  const [overlay, setOverlay] = useState<Overlay | null>(null);
  useShortcuts(overlay === null, setOverlay);
  const closeOverlay = useCallback(() => setOverlay(null), []);
  const navigate = useNavigate();
  const open = useCallback((path: string) => void navigate({ href: path }), [navigate]);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    void main.current?.scrollTo(0, 0);
  }, [here.pathname]);

  if (!data && fetching) return <Frame />;
  if (error && !data) {
    return <main className="py-20"><Failed title={t`Firn is not answering`} message={errorText(error)} onRetry={() => retry({ requestPolicy: "network-only" })} /></main>;
  }
  if (!data?.viewer) {
    if (data?.setup.needed) return <Onward href="/setup" />;
    return <Onward href={here.href === "/" ? "/signin" : `/signin?${new URLSearchParams({ next: here.href })}`} />;
  }
  const admin = isAdmin(data.viewer);
  const places = placesFor(admin);
  const near = places.filter((place) => place.near);
  const tall = here.pathname === "/sql" || here.pathname === "/explore" || here.pathname.startsWith("/data");
  return (
    <ViewerProvider value={data.viewer}>
      <a href="#main" className="sr-only z-50 rounded-md bg-solid px-3 py-2 text-sm text-on-solid focus:not-sr-only focus:fixed focus:top-2 focus:left-2"><Trans>Skip to content</Trans></a>
      <div className="flex h-full flex-col md:flex-row">
        <nav data-chrome aria-label={t`Main`} className="hidden w-52 shrink-0 flex-col border-r border-line bg-surface p-3 md:flex">
          <Link to="/" className="mb-4 flex items-center gap-2.5 rounded-md px-1.5 py-1">
            <Mark />
            <span className="min-w-0">
              <span className="block leading-tight font-semibold tracking-tight">Firn</span>
              <span className="block truncate text-xs leading-tight text-muted">{data.viewer.organizationName}</span>
            </span>
          </Link>
          <button type="button" onClick={() => setOverlay("palette")}
            className="mb-3 flex h-8.5 items-center gap-2 rounded-md border border-line bg-bg px-2.5 text-sm text-muted transition-colors hover:border-line-strong hover:text-text">
            <Icon name="search" /> <span className="grow text-left"><Trans>Find</Trans></span> <kbd className="font-sans text-xs">{modifier} K</kbd>
          </button>
          <div className="grid gap-0.5">
            {places.map(({ to, name, icon, begins }) => (
              <Link key={to} to={to} activeOptions={{ exact: to === "/" }}
                className={`flex h-8.5 items-center gap-2.5 rounded-md px-2.5 text-sm font-medium text-muted transition-colors hover:bg-hover hover:text-text ${begins ? "mt-2.5" : ""}`}
                activeProps={{ className: "bg-soft !text-accent", "aria-current": "page" }}>
                <Icon name={icon} /> {name}
              </Link>
            ))}
          </div>
          <div className="mt-auto grid gap-0.5">
            <button type="button" onClick={() => setOverlay("shortcuts")} className="flex h-8.5 items-center gap-2.5 rounded-md px-2.5 text-sm text-muted transition-colors hover:bg-hover hover:text-text">
              <Icon name="keyboard" /> <span className="grow text-left"><Trans>Shortcuts</Trans></span> <kbd className="font-sans text-xs">?</kbd>
            </button>
            <ViewerMenu up name={data.viewer.name} />
          </div>
        </nav>
        <header data-chrome className="flex h-13 shrink-0 items-center gap-1 border-b border-line bg-surface px-3 md:hidden">
          <Link to="/" className="mr-auto flex min-w-0 items-center gap-2 font-semibold tracking-tight" aria-label={t`Firn, overview`}><Mark size={26} /> Firn</Link>
          <button type="button" aria-label={t`Find`} onClick={() => setOverlay("palette")} className="grid size-10 place-items-center rounded-md text-muted hover:bg-hover"><Icon name="search" size={18} /></button>
          <ViewerMenu name={data.viewer.name} compact />
        </header>
        <main ref={main} id="main" tabIndex={-1} className={`min-h-0 min-w-0 grow focus:outline-none ${tall ? "flex flex-col overflow-auto md:overflow-hidden" : "overflow-auto"}`}>
          <OpenInApp value={open}><Outlet /></OpenInApp>
        </main>
        <nav data-chrome aria-label={t`Main`} className="grid shrink-0 grid-cols-5 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden">
          {near.map(({ to, name, icon }) => (
            <Link key={to} to={to} activeOptions={{ exact: to === "/" }} className="grid h-14 place-content-center justify-items-center gap-0.5 text-[0.6875rem] font-medium text-muted"
              activeProps={{ className: "!text-accent", "aria-current": "page" }}>
              <Icon name={icon} size={19} /> {name}
            </Link>
          ))}
          <button type="button" aria-haspopup="dialog" onClick={() => setOverlay("more")}
            className={`grid h-14 place-content-center justify-items-center gap-0.5 text-[0.6875rem] font-medium ${near.some(({ to }) => (to === "/" ? here.pathname === "/" : here.pathname.startsWith(to))) ? "text-muted" : "text-accent"}`}>
            <Icon name="more" size={19} /> <Trans>More</Trans>
          </button>
        </nav>
      </div>
      {overlay === "palette" && <Palette admin={admin} onClose={closeOverlay} onShortcuts={() => setOverlay("shortcuts")} />}
      {overlay === "shortcuts" && <Shortcuts admin={admin} onClose={closeOverlay} />}
      {overlay === "more" && <More places={places.filter((place) => !place.near)} onClose={closeOverlay} />}
    </ViewerProvider>
  );
}

/** What has no room in a narrow screen's bar. */
function More({ places, onClose }: { places: ReturnType<typeof placesFor>; onClose: () => void }) {
  return (
    <Dialog title={t`More`} onClose={onClose}>
      <nav aria-label={t`More`} className="-m-2 grid grid-cols-2 gap-1">
        {places.map(({ to, name, icon }) => (
          <Link key={to} to={to} onClick={onClose} className="flex h-11 items-center gap-3 rounded-md px-3 font-medium text-muted hover:bg-hover" activeProps={{ className: "bg-soft !text-accent", "aria-current": "page" }}>
            <Icon name={icon} size={18} /> {name}
          </Link>
        ))}
      </nav>
    </Dialog>
  );
}

const modifier = /Mac|iP(hone|ad)/.test(navigator.platform) ? "⌘" : "Ctrl";

function ViewerMenu({ name, up = false, compact = false }: { name: string; up?: boolean; compact?: boolean }) {
  const restart = useRestart();
  const navigate = useNavigate();
  const [, signOut] = useMutation(SignOut);
  const theme = useTheme();
  const leave = async () => {
    await signOut({});
    restart();
    void navigate({ to: "/signin" });
  };
  const themes: { value: Theme; label: string; icon: IconName }[] = [
    { value: "system", label: t`As the system`, icon: "screen" },
    { value: "light", label: t`Light`, icon: "sun" },
    { value: "dark", label: t`Dark`, icon: "moon" },
  ];
  return (
    <Menu label={t`${name}: theme, account`} up={up} align={up ? "left" : "right"}
      className={compact ? "grid size-10 place-items-center rounded-md text-muted hover:bg-hover" : "flex h-8.5 w-full items-center gap-2.5 rounded-md px-2.5 text-sm text-muted transition-colors hover:bg-hover hover:text-text"}
      button={compact ? <Icon name="user" size={18} /> : <><Icon name="user" /> <span className="grow truncate text-left">{name}</span> <Icon name="up" size={13} /></>}
      items={[
        ...themes.map(({ value, label, icon }) => ({ label, icon, checked: theme === value, onSelect: () => setTheme(value) })),
        { label: t`Your account`, icon: "user", onSelect: () => void navigate({ to: "/settings", search: { section: "account" } }) },
        { label: t`Sign out`, icon: "out", onSelect: () => void leave() },
      ]} />
  );
}

/** What the shell looks like before it is known who looks. */
function Frame() {
  return (
    <div className="flex h-full flex-col md:flex-row" role="status">
      <span className="sr-only"><Trans>Loading</Trans></span>
      <div className="hidden w-52 shrink-0 border-r border-line bg-surface p-4 md:block"><Mark /></div>
      <div className="grow px-8 py-8"><Skeleton className="h-8 w-48" /></div>
    </div>
  );
}
