import { t } from "@lingui/core/macro";
import { useMutation } from "urql";
import { graphql } from "@/gql/gql";
import { tell } from "@/ui/tell";

const RunAgent = graphql(`
  mutation RunAgent($id: ID!) {
    runAgent(id: $id) {
      id
      state
    }
  }
`);

const PauseAgent = graphql(`
  mutation PauseAgent($id: ID!, $paused: Boolean!) {
    updateAgent(input: { id: $id, paused: $paused }) {
      id
      paused
    }
  }
`);

const DeleteAgent = graphql(`
  mutation DeleteAgent($id: ID!) {
    deleteAgent(id: $id)
  }
`);

type Named = { id: string; name: string };

/** What is done to an agent, and said afterwards. Each gives whether it went through. */
export function useAgentActions() {
  const [running, run] = useMutation(RunAgent);
  const [, pause] = useMutation(PauseAgent);
  const [, remove] = useMutation(DeleteAgent);
  return {
    starting: running.fetching,
    run: async ({ id, name }: Named) => {
      const { data, error } = await run({ id });
      tell({ error }, t`${name} has begun`);
      return data?.runAgent.id ?? null;
    },
    pause: async ({ id, name }: Named, paused: boolean) => {
      const { error } = await pause({ id, paused });
      return tell({ error }, paused ? t`${name} is paused; it can still be told to run` : t`${name} runs by its schedule again`);
    },
    remove: async ({ id, name }: Named) => {
      const { error } = await remove({ id });
      return tell({ error }, t`Deleted ${name}`);
    },
  };
}
