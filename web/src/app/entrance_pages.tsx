import { useNavigate, useSearch } from "@tanstack/react-router";
import { Onward } from "@/app/onward";
import { safeNext } from "@/app/safe_next";
import { useRestart, useSession } from "@/app/session";
import { Consent } from "@/features/session/consent";
import { InvitationForm } from "@/features/session/invitation";
import { SetUpForm } from "@/features/session/set_up";
import { SignInForm } from "@/features/session/sign_in";

function useEnter(next?: string) {
  const restart = useRestart();
  const navigate = useNavigate();
  return () => {
    restart();
    void navigate({ href: safeNext(next), replace: true });
  };
}

export function SignInPage() {
  const { next } = useSearch({ from: "/signin" });
  const enter = useEnter(next);
  const [{ data }] = useSession();
  if (data?.setup.needed) return <Onward href="/setup" />;
  if (data?.viewer) return <Onward href={safeNext(next)} />;
  return <SignInForm onDone={enter} />;
}

export function SetUpPage() {
  const enter = useEnter();
  const [{ data }] = useSession();
  if (data && !data.setup.needed) return <Onward href="/" />;
  return <SetUpForm onDone={enter} />;
}

export function InvitationPage() {
  const enter = useEnter();
  return <InvitationForm token={location.hash.slice(1)} onDone={enter} />;
}

/** Whoever is not signed in signs in first, and comes back. */
export function ConsentPage() {
  const { request } = useSearch({ from: "/consent" });
  const [{ data }] = useSession();
  if (!data) return null;
  if (data.setup.needed) return <Onward href="/setup" />;
  if (!data.viewer) return <Onward href={`/signin?next=${encodeURIComponent(`/consent?request=${request ?? ""}`)}`} />;
  return <Consent id={request ?? ""} person={data.viewer.name} organization={data.viewer.organizationName} />;
}
