import { Link } from "@tanstack/react-router";
import { type FragmentType, readFragment } from "@/gql/fragment-masking";
import { graphql } from "@/gql/gql";
import { Icon } from "@/ui/icon";
import { Ago } from "@/ui/moment";

export const DashboardLink = graphql(`
  fragment DashboardLink on Dashboard {
    id
    name
    description
    updatedBy
    updatedAt
    tiles {
      id
      kind
      x
      y
      width
      height
    }
  }
`);

/** Each with a small plan of its tiles. */
export function DashboardLinks({ dashboards }: { dashboards: readonly FragmentType<typeof DashboardLink>[] }) {
  return (
    <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
      {readFragment(DashboardLink, dashboards).map((dashboard) => (
        <li key={dashboard.id} className="min-w-0">
          <Link to="/dashboards/$id" params={{ id: dashboard.id }} className="panel flex h-full flex-col overflow-hidden transition-colors hover:border-line-strong">
            <TilePlan tiles={dashboard.tiles} />
            <span className="grow p-4">
              <span className="block truncate font-medium">{dashboard.name}</span>
              {dashboard.description && <span className="line-clamp-2 text-sm text-muted">{dashboard.description}</span>}
              <span className="mt-2 block truncate text-xs text-muted">{dashboard.updatedBy} · <Ago at={dashboard.updatedAt} /></span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function TilePlan({ tiles }: { tiles: readonly { id: string; kind: string; x: number; y: number; width: number; height: number }[] }) {
  if (tiles.length === 0) {
    return <span className="grid h-28 place-items-center border-b border-line bg-sunken text-muted"><Icon name="dashboards" size={22} /></span>;
  }
  const bottom = Math.max(8, ...tiles.map((tile) => tile.y + tile.height));
  return (
    <svg aria-hidden="true" viewBox={`0 0 120 ${Math.min(bottom, 10) * 8 + 4}`} preserveAspectRatio="xMidYMin slice" className="h-28 w-full border-b border-line bg-sunken">
      {tiles.map((tile) => (
        <rect key={tile.id} x={tile.x * 9.6 + 3} y={tile.y * 8 + 4} width={tile.width * 9.6 - 1.6} height={tile.height * 8 - 1.6} rx="1.5"
          className={tile.kind === "TEXT" ? "fill-line" : "fill-accent"} opacity={tile.kind === "TEXT" ? 1 : 0.28} />
      ))}
    </svg>
  );
}
