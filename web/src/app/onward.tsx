import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";

/** Goes to the path that it was first given, once, in the place of the present one. */
export function Onward({ href }: { href: string }) {
  const navigate = useNavigate();
  const [to] = useState(href);
  useEffect(() => {
    void navigate({ href: to, replace: true });
  }, [navigate, to]);
  return null;
}
