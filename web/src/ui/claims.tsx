/** Numbers that somebody states and no evidence shows: said plainly, where the text is read. */
export function UnverifiedClaims({ claims, title }: { claims: readonly { figure: string; sentence: string }[]; title: string }) {
  if (claims.length === 0) return null;
  return (
    <div className="mt-3 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
      <p className="font-medium">{title}</p>
      <ul className="mt-1 list-disc pl-5">{claims.map((claim, i) => <li key={i}><b>{claim.figure}</b>: {claim.sentence}</li>)}</ul>
    </div>
  );
}
