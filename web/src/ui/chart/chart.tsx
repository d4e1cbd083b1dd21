import { t } from "@lingui/core/macro";
import type { EChartsType } from "echarts/core";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { markOf, nearestX, stopsOf } from "@/ui/chart/chart_marks";
import { buildChartOption, type ChartColors, type Mark } from "@/ui/chart/chart_option";
import { missingColumns, type ChartSpec } from "@/ui/chart/chart_spec";
import { formatShort } from "@/ui/format";
import type { ResultColumn, Row } from "@/ui/grid/cells";
import { cellText, isNumeric } from "@/ui/grid/cells";
import { ResultGrid, type CellChoice } from "@/ui/grid/result_grid";
import { Skeleton } from "@/ui/states";
import { themeColor, useDark } from "@/ui/theme";

const lightSeries = ["#0d6e9c", "#d97a26", "#38836a", "#8259ab", "#b9475f", "#5b7282", "#a08614", "#3f9cc0"];
const darkSeries = ["#6fc2e8", "#f0a35e", "#74c7a3", "#b79be0", "#ee8ea0", "#9db2bf", "#d8c25a", "#4f93b5"];

const themed = (dark: boolean): ChartColors => ({
  text: themeColor("text"), muted: themeColor("muted"), line: themeColor("line"), surface: themeColor("surface"), accent: themeColor("accent"), soft: themeColor("soft"),
  series: dark ? darkSeries : lightSeries,
});

type Props = {
  label: string;
  columns: readonly ResultColumn[];
  rows: readonly Row[];
  spec: ChartSpec;
  /** Of the whole result, where a table may bring more as one scrolls. */
  totalRows?: number;
  onNearEnd?: () => void;
  /** Somebody chose a place, by pointer, or by arrow keys and Enter. */
  onMark?: ((mark: Mark) => void) | undefined;
  /** The place that is chosen. */
  marked?: Mark["x"];
  /** Cells of a table that can be chosen. */
  cells?: CellChoice | undefined;
};

/** A result, drawn as the spec says. Fills its parent. */
export function Chart({ label, columns, rows, spec, totalRows = rows.length, onNearEnd, onMark, marked = null, cells }: Props) {
  const missing = missingColumns(spec, columns);
  if (missing.length) return <Message text={t`The result has no column ${missing.join(", ")}.`} />;
  if (spec.kind === "TABLE") return <ResultGrid label={label} columns={columns} rows={rows} totalRows={totalRows} {...(onNearEnd && { onNearEnd })} choice={cells} plain />;
  if (spec.y.length === 0) return <Message text={t`Choose a column to draw.`} />;
  if (rows.length === 0) return <Message text={t`No rows.`} />;
  if (spec.kind === "NUMBER") return <BigNumber columns={columns} rows={rows} spec={spec} />;
  return <Drawing label={label} columns={columns} rows={rows} spec={spec} onMark={onMark} marked={marked} />;
}

function Message({ text }: { text: string }) {
  return <p className="grid h-full place-items-center p-4 text-center text-sm text-muted">{text}</p>;
}

function BigNumber({ columns, rows, spec }: { columns: readonly ResultColumn[]; rows: readonly Row[]; spec: ChartSpec }) {
  const at = columns.findIndex((column) => column.name === spec.y[0]);
  const value = rows[0]?.[at];
  const text = isNumeric(columns[at]?.type ?? "") && value !== null ? formatShort(Number(value)) : cellText(value) || "null";
  return (
    <div className="grid h-full content-center px-4">
      <p className="numeric truncate text-4xl leading-tight font-semibold tracking-tight" title={cellText(value)}>{text}</p>
    </div>
  );
}

function Drawing({ label, columns, rows, spec, onMark, marked = null }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const [drawing, setDrawing] = useState<EChartsType | null>(null);
  const dark = useDark();
  const option = useMemo(() => buildChartOption(columns, rows, spec, themed(dark), marked), [columns, rows, spec, dark, marked]);

  useEffect(() => {
    let made: EChartsType | null = null;
    let gone = false;
    void import("@/ui/chart/canvas").then(({ init }) => {
      if (gone || !frame.current) return;
      made = init(frame.current, null, { renderer: "canvas" });
      setDrawing(made);
    });
    const resized = new ResizeObserver(() => made?.resize());
    resized.observe(frame.current!);
    return () => {
      gone = true;
      resized.disconnect();
      made?.dispose();
    };
  }, []);
  useEffect(() => {
    if (!drawing || drawing.isDisposed()) return;
    drawing.setOption(option, { notMerge: true });
    drawing.getDom().setAttribute("aria-label", label);
  }, [drawing, option, label]);
  usePointer(drawing, spec, onMark);
  const { said, onKey, leave } = useStops(drawing, columns, rows, spec, onMark);

  return (
    <div className="relative h-full w-full">
      {onMark ? (
        <div role="application" aria-roledescription={t`chart`} aria-label={t`${label}: arrow keys go along it, Enter filters by it`} tabIndex={0} onKeyDown={onKey} onBlur={leave}
          className="absolute inset-0 cursor-pointer rounded-md focus-visible:outline-offset-0">
          <div ref={frame} role="img" aria-label={label} className="absolute inset-0" />
          <p role="status" className="sr-only">{said}</p>
        </div>
      ) : <div ref={frame} role="img" aria-label={label} className="absolute inset-0" />}
      {!drawing && <Skeleton className="absolute inset-2" />}
    </div>
  );
}

/** A click on a mark means it; one beside all marks means the nearest place across. */
function usePointer(drawing: EChartsType | null, spec: ChartSpec, onMark: Props["onMark"]) {
  useEffect(() => {
    if (!drawing || drawing.isDisposed() || !onMark) return;
    const clicked = (event: { name?: string; value?: unknown; seriesName?: string; componentType?: string }) => {
      if (event.componentType === "series") onMark(markOf(drawing.getOption(), spec, event));
    };
    const surface = drawing.getZr();
    const beside = (event: { target?: unknown; offsetX: number; offsetY: number }) => {
      if (event.target || spec.kind === "PIE" || spec.kind === "HEATMAP" || spec.kind === "SCATTER") return;
      const at = [event.offsetX, event.offsetY];
      if (!drawing.containPixel("grid", at)) return;
      const x = nearestX(drawing.getOption(), (drawing.convertFromPixel({ seriesIndex: 0 }, at) as number[])[0] ?? NaN);
      if (x !== null) onMark({ x, series: null });
    };
    drawing.on("click", clicked);
    surface.on("click", beside);
    return () => {
      if (drawing.isDisposed()) return;
      drawing.off("click", clicked);
      surface.off("click", beside);
    };
  }, [drawing, spec, onMark]);
}

/** Along the chart by arrow keys: each stop shows its values, and Enter chooses it. */
function useStops(drawing: EChartsType | null, columns: readonly ResultColumn[], rows: readonly Row[], spec: ChartSpec, onMark: Props["onMark"]) {
  const [said, setSaid] = useState("");
  const at = useRef(-1);
  const onKey = (event: KeyboardEvent) => {
    if (!drawing || drawing.isDisposed() || !onMark) return;
    const stops = stopsOf(drawing.getOption(), columns, rows, spec);
    if (event.key === "Enter" && stops[at.current]) {
      event.preventDefault();
      return onMark(stops[at.current]!.mark);
    }
    const to = { ArrowRight: at.current + 1, ArrowDown: at.current + 1, ArrowLeft: at.current - 1, ArrowUp: at.current - 1, Home: 0, End: stops.length - 1 }[event.key];
    if (to === undefined || stops.length === 0) return;
    event.preventDefault();
    at.current = Math.max(0, Math.min(stops.length - 1, to));
    drawing.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: at.current });
    setSaid(stops[at.current]!.words);
  };
  const leave = () => {
    if (drawing && !drawing.isDisposed()) drawing.dispatchAction({ type: "hideTip" });
  };
  return { said, onKey, leave };
}
