import { t } from "@lingui/core/macro";
import { AlertList } from "@/features/automation/alert_list";
import { ChannelList } from "@/features/automation/channel_list";
import { ExportList } from "@/features/automation/export_list";
import { ScheduledList } from "@/features/automation/scheduled_list";
import { TaskList } from "@/features/automation/task_list";
import { Page } from "@/ui/page";
import { TabPanel, Tabs } from "@/ui/tabs";

const names = { alerts: t`Alerts`, queries: t`Scheduled queries`, exports: t`Exports`, channels: t`Channels`, tasks: t`Tasks` };
type TabId = keyof typeof names;

type Props = { tab: string | undefined; statement: string | undefined; onTab: (tab: string) => void; isAdmin: boolean; canEdit: boolean };

/** What Firn does by the clock and in the background, for those who ask for it. */
export function AutomationView({ tab, statement, onTab, isAdmin, canEdit }: Props) {
  const tabs = (Object.keys(names) as TabId[]).filter((id) => canEdit || id !== "channels");
  const active = tabs.find((id) => id === tab) ?? "alerts";
  return (
    <Page title={t`Automation`} lead={t`What Firn does by the clock and in the background, with what you may do when it is done.`}>
      <Tabs label={t`Automation`} panelId="automation" active={active} onSelect={onTab} tabs={tabs.map((id) => ({ id, label: names[id] }))} />
      <TabPanel id="automation" active={active} className="pt-4">
        {active === "alerts" && <AlertList canEdit={canEdit} statement={statement} />}
        {active === "queries" && <ScheduledList canEdit={canEdit} statement={statement} />}
        {active === "exports" && <ExportList />}
        {active === "channels" && <ChannelList isAdmin={isAdmin} />}
        {active === "tasks" && <TaskList isAdmin={isAdmin} />}
      </TabPanel>
    </Page>
  );
}
