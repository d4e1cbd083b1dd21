import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useIsAdmin, useSession, useViewer } from "@/app/session";
import { AccountSettings } from "@/features/settings/account";
import { AccountsSettings } from "@/features/settings/accounts";
import { AuditSettings } from "@/features/settings/audit";
import { DeploymentSettings } from "@/features/settings/deployment";
import { PeopleSettings } from "@/features/settings/people";
import { ProgramsSettings } from "@/features/settings/programs";
import { Page } from "@/ui/page";
import { TabPanel, Tabs } from "@/ui/tabs";

const names = { account: t`Your account`, programs: t`Programs`, people: t`People`, accounts: t`Service accounts`, audit: t`Audit log`, deployment: t`Deployment` };
type SectionId = keyof typeof names;
const everybodys: readonly SectionId[] = ["account", "programs"];

export function SettingsPage() {
  const viewer = useViewer();
  const admin = useIsAdmin();
  const [, refetch] = useSession();
  const { section } = useSearch({ from: "/shell/settings" });
  const navigate = useNavigate();
  const sections = (Object.keys(names) as SectionId[]).filter((id) => admin || everybodys.includes(id));
  const active = sections.find((id) => id === section) ?? (admin ? "people" : "account");
  return (
    <Page title={t`Settings`}>
      <Tabs label={t`Settings`} panelId="settings" active={active} tabs={sections.map((id) => ({ id, label: names[id] }))}
        onSelect={(id) => void navigate({ to: "/settings", search: { section: id }, replace: true })} />
      <TabPanel id="settings" active={active} className="pt-5">
        {!admin && section && !everybodys.includes(section as SectionId) && <p role="status" className="mb-4 rounded-lg bg-warn-soft px-4 py-2 text-sm text-warn"><Trans>Only admins see {section in names ? `“${names[section as SectionId]}”` : t`this`}. Ask one of them for a key or for an invitation.</Trans></p>}
        {active === "account" && <AccountSettings name={viewer.name} email={viewer.email ?? null} onRenamed={() => refetch({ requestPolicy: "network-only" })} />}
        {active === "programs" && <ProgramsSettings />}
        {active === "people" && <PeopleSettings viewerId={viewer.id} />}
        {active === "accounts" && <AccountsSettings />}
        {active === "audit" && <AuditSettings />}
        {active === "deployment" && <DeploymentSettings />}
      </TabPanel>
    </Page>
  );
}
