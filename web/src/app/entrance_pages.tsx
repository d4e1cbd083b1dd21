import { useNavigate, useSearch } from "@tanstack/react-router";
import { Onward } from "@/app/onward";
import { safeNext } from "@/app/safe_next";
import { useRestart, useSession } from "@/app/session";
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
