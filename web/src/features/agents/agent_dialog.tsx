import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useMemo, useState, type FormEvent } from "react";
import { useMutation, useQuery } from "urql";
import { toolName } from "@/features/agents/tools";
import type { AgentKind } from "@/gql/graphql";
import { graphql } from "@/gql/gql";
import { Dialog } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { TextArea, TextField } from "@/ui/field";
import { FormActions } from "@/ui/form_actions";
import { isNumeric } from "@/ui/grid/cells";
import { ownZone, ScheduleField } from "@/ui/schedule_field";
import { Skeleton } from "@/ui/states";
import { toast } from "@/ui/toast";

const AgentTables = graphql(`
  query AgentTables {
    tables(first: 200) {
      totalCount
      edges {
        node {
          id
          fullName
        }
      }
    }
  }
`);

const AgentMeasures = graphql(`
  query AgentMeasures($catalog: String!, $namespace: String!, $name: String!) {
    table(catalog: $catalog, namespace: $namespace, name: $name) {
      id
      columns {
        name
        type
        masked
      }
    }
  }
`);

const ModelThere = graphql(`
  query ModelThere {
    languageModel {
      name
    }
  }
`);

const CreateAgent = graphql(`
  mutation CreateAgent($input: CreateAgentInput!) {
    createAgent(input: $input) {
      id
    }
  }
`);

const UpdateAgent = graphql(`
  mutation UpdateAgent($input: UpdateAgentInput!) {
    updateAgent(input: $input) {
      id
      name
      instructions
      tables
      measures
      findings
      budgetCalls
      budgetSeconds
      budgetTokens
      mayDo
      cron
      zone
    }
  }
`);

export type AgentFields = {
  id: string; name: string; kind: AgentKind; instructions: string; tables: readonly string[]; measures: readonly string[]; findings: number; budgetCalls: number; budgetSeconds: number; budgetTokens: number; mayDo: readonly string[]; cron: string; zone: string;
};

const blank: Omit<AgentFields, "id"> = { name: "", kind: "ANALYST", instructions: "", tables: [], measures: [], findings: 10, budgetCalls: 500, budgetSeconds: 600, budgetTokens: 500_000, mayDo: [], cron: "", zone: "" };

/** Makes an agent, or changes one. */
export function AgentDialog({ agent, onClose, onSaved }: { agent?: AgentFields; onClose: () => void; onSaved: (id: string) => void }) {
  const [form, setForm] = useState<Omit<AgentFields, "id">>(agent ?? { ...blank, zone: ownZone() });
  const [creating, create] = useMutation(CreateAgent);
  const [changing, update] = useMutation(UpdateAgent);
  const [{ data: there }] = useQuery({ query: ModelThere });
  const model = there?.languageModel;
  const thinks = form.kind === "MODEL";
  const set = (fields: Partial<typeof form>) => setForm((old) => ({ ...old, ...fields }));
  const error = creating.error ?? changing.error;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { kind, name, instructions, tables, measures, findings, budgetCalls, budgetSeconds, budgetTokens, mayDo, cron, zone } = form;
    const input = { name: name.trim(), instructions: instructions.trim(), tables: [...tables], measures: [...measures], findings, budgetCalls, budgetSeconds, budgetTokens, mayDo: [...mayDo], cron: cron.trim(), zone };
    const id = agent ? (await update({ input: { id: agent.id, ...input } })).data?.updateAgent.id : (await create({ input: { kind, ...input } })).data?.createAgent.id;
    if (!id) return;
    toast(agent ? t`Saved ${input.name}` : t`Made ${input.name}; it can read what viewers may`);
    onClose();
    onSaved(id);
  };
  const number = (key: "findings" | "budgetCalls" | "budgetSeconds" | "budgetTokens", label: string, most: number, hint: string, least = 1) => (
    <TextField label={label} type="number" required min={least} max={most} hint={hint} value={form[key]} onChange={(event) => set({ [key]: Number(event.target.value) })} />
  );
  return (
    <Dialog title={agent ? t`Change ${agent.name}` : t`New agent`} onClose={onClose} wide>
      <form onSubmit={(event) => void submit(event)} className="grid gap-5">
        {!agent && model && (
          <fieldset className="grid gap-2 sm:grid-cols-2">
            <legend className="mb-1.5 text-sm font-medium"><Trans>Kind</Trans></legend>
            {([["ANALYST", t`Analyst`, t`Goes through its tables by statistics`], ["MODEL", t`Language model`, t`${model.name}, with your instructions and the tools of a viewer`]] as const).map(([kind, title, means]) => (
              <label key={kind} className="flex cursor-pointer items-start gap-2.5 rounded-lg border border-line p-3 text-sm has-checked:border-accent has-checked:bg-soft">
                <input type="radio" name={t`kind`} checked={form.kind === kind} onChange={() => set({ kind })} className="mt-0.5 accent-accent" />
                <span><span className="font-medium">{title}</span><br /><span className="text-xs text-muted">{means}</span></span>
              </label>
            ))}
          </fieldset>
        )}
        <TextField label={t`Name`} required maxLength={100} placeholder={t`flight delays`} value={form.name} onChange={(event) => set({ name: event.target.value })} />
        {thinks && <TextArea label={t`Instructions`} required rows={5} placeholder={t`Every Monday, look at what changed in departures, and propose insights on what explains it.`} value={form.instructions} onChange={(event) => set({ instructions: event.target.value })} />}
        <div className="grid items-start gap-5 sm:grid-cols-2">
          <TableChoice chosen={form.tables} onChange={(tables) => set({ tables })} />
          {!thinks && <MeasureChoice tables={form.tables} chosen={form.measures} onChange={(measures) => set({ measures })} />}
        </div>
        <ScheduleField never value={form} onChange={set} />
        <div className="grid gap-3 sm:grid-cols-3">
          {thinks ? number("budgetTokens", t`Tokens`, 100_000_000, t`In and out in a run, at most.`, 1000) : number("findings", t`Findings`, 50, t`Proposed of a table in a run, at most.`)}
          {number("budgetCalls", t`Calls`, 10_000, t`Of tools in a run, at most.`)}
          {number("budgetSeconds", t`Seconds`, 86_400, t`Spent in tools in a run, at most.`)}
        </div>
        <ActionChoice chosen={form.mayDo} onChange={(mayDo) => set({ mayDo })} />
        <FormActions error={error} busy={creating.fetching || changing.fetching} disabled={!thinks && form.tables.length === 0} action={agent ? t`Save` : t`Make the agent`} onClose={onClose} />
      </form>
    </Dialog>
  );
}

const box = "grid max-h-44 content-start gap-0.5 overflow-auto rounded-md border border-line-strong p-1.5";

function Choice({ name, checked, onToggle, note }: { name: string; checked: boolean; onToggle: () => void; note?: string }) {
  return (
    <label className="flex items-center gap-2 rounded px-1.5 py-1 text-sm hover:bg-hover">
      <input type="checkbox" checked={checked} onChange={onToggle} className="accent-solid" />
      <span className="min-w-0 grow truncate" title={name}>{name}</span>
      {note && <span className="text-xs text-muted">{note}</span>}
    </label>
  );
}

const toggled = (list: readonly string[], name: string) => (list.includes(name) ? list.filter((each) => each !== name) : [...list, name]);

/** What the server lets an agent do unasked: nothing that destroys, nothing that gives a right. */
const actions = [
  "createInsight", "createChart", "createDashboard", "updateChart", "updateDashboard", "archiveInsight", "saveQuery", "updateSavedQuery",
  "setTableComment", "setColumnComment", "addColumn", "createTag", "createBranch", "pinEvidence", "profileTable",
];

function ActionChoice({ chosen, onChange }: { chosen: readonly string[]; onChange: (actions: string[]) => void }) {
  return (
    <fieldset className="grid min-w-0 gap-1.5">
      <legend className="mb-1.5 text-sm font-medium"><Trans>May do by itself</Trans></legend>
      <div className={`${box} sm:grid-cols-2`}>
        {[...new Set([...actions, ...chosen])].map((name) => <Choice key={name} name={toolName(name)} checked={chosen.includes(name)} onToggle={() => onChange(toggled(chosen, name))} />)}
      </div>
      <p className="text-xs text-muted">{chosen.length ? t`Done at once when it proposes them, with what its account may.` : t`None chosen: it only proposes, and people decide.`}</p>
    </fieldset>
  );
}

function TableChoice({ chosen, onChange }: { chosen: readonly string[]; onChange: (tables: string[]) => void }) {
  const [{ data, error }] = useQuery({ query: AgentTables });
  const [search, setSearch] = useState("");
  const names = useMemo(() => [...new Set([...chosen, ...(data?.tables.edges ?? []).map(({ node }) => node.fullName)])].sort(), [chosen, data]);
  const shown = names.filter((name) => name.toLowerCase().includes(search.trim().toLowerCase()));
  return (
    <fieldset className="grid min-w-0 gap-1.5">
      <legend className="mb-1.5 text-sm font-medium"><Trans>Tables</Trans></legend>
      {names.length > 8 && <TextField label={t`Narrow the tables`} hideLabel type="search" placeholder={t`Search tables`} value={search} onChange={(event) => setSearch(event.target.value)} />}
      {error && <p role="alert" className="text-xs text-danger">{errorText(error)}</p>}
      {!data && !error && <Skeleton className="h-24" />}
      {data && (
        <div className={box}>
          {shown.map((name) => <Choice key={name} name={name} checked={chosen.includes(name)} onToggle={() => onChange(toggled(chosen, name))} />)}
          {shown.length === 0 && <p className="p-1.5 text-sm text-muted">{search ? t`No table is called that.` : t`There are no tables yet.`}</p>}
        </div>
      )}
      <p className="text-xs text-muted">{chosen.length ? t`${chosen.length} chosen; 20 at most.` : t`Choose at least one.`}</p>
    </fieldset>
  );
}

const placeOf = (fullName: string) => {
  const parts = fullName.split(".");
  return { catalog: parts[0] ?? "", namespace: parts.slice(1, -1).join("."), name: parts.at(-1) ?? "" };
};

/** Numbers of the first table that was chosen; the analyst says so where another one lacks a column. */
function MeasureChoice({ tables, chosen, onChange }: { tables: readonly string[]; chosen: readonly string[]; onChange: (measures: string[]) => void }) {
  const first = tables[0];
  const [{ data, error, fetching }] = useQuery({ query: AgentMeasures, variables: placeOf(first ?? ""), pause: !first });
  const columns = first ? (data?.table?.columns ?? []).filter(({ type, masked, name }) => isNumeric(type) && !masked && !name.includes(".")) : [];
  const names = [...new Set([...chosen, ...columns.map((column) => column.name)])];
  return (
    <fieldset className="grid min-w-0 gap-1.5">
      <legend className="mb-1.5 text-sm font-medium"><Trans>Measures</Trans></legend>
      {error && <p role="alert" className="text-xs text-danger">{errorText(error)}</p>}
      {first && fetching && !data ? <Skeleton className="h-24" /> : (
        <div className={box}>
          {names.map((name) => <Choice key={name} name={name} note={columns.find((column) => column.name === name)?.type} checked={chosen.includes(name)} onToggle={() => onChange(toggled(chosen, name))} />)}
          {names.length === 0 && <p className="p-1.5 text-sm text-muted">{first ? t`The table has no numbers.` : t`They come with a table.`}</p>}
        </div>
      )}
      <p className="text-xs text-muted">{chosen.length ? (tables.length > 1 ? t`Every table has to have them.` : t`Only these are looked at.`) : t`None chosen: all numbers that are worth it.`}</p>
    </fieldset>
  );
}
