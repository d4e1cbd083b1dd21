import { t } from "@lingui/core/macro";
import { useQuery } from "urql";
import { insightIn, insightText } from "@/features/dashboards/insight_link";
import { graphql } from "@/gql/gql";
import { errorText } from "@/ui/error_text";
import { SelectField } from "@/ui/field";

const InsightNames = graphql(`
  query InsightNames {
    insights(first: 100) {
      edges {
        node {
          id
          title
        }
      }
    }
  }
`);

/** Chooses one of the insights; what it gives is the text of the tile. */
export function InsightField({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const [{ data, error, fetching }] = useQuery({ query: InsightNames, requestPolicy: "cache-and-network" });
  const insights = (data?.insights.edges ?? []).map((edge) => edge.node);
  const none = data && insights.length === 0;
  return (
    <SelectField label={t`Insight`} required value={insightIn(text) ?? ""} error={error && !data ? errorText(error) : none ? t`There are no insights yet. What you approve among the proposals becomes one.` : null}
      onChange={(event) => {
        const chosen = insights.find(({ id }) => id === event.target.value);
        if (chosen) onChange(insightText(chosen.id, chosen.title));
      }}>
      <option value="" disabled>{fetching && !data ? t`Loading` : t`Choose one`}</option>
      {insights.map(({ id, title }) => <option key={id} value={id}>{title}</option>)}
    </SelectField>
  );
}
