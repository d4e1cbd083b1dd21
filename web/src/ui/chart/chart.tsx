import type { EChartsType } from "echarts/core";
import { useEffect, useMemo, useRef, useState } from "react";
import { buildChartOption, type ChartColors } from "@/ui/chart/chart_option";
import { missingColumns, type ChartSpec } from "@/ui/chart/chart_spec";
import { formatShort } from "@/ui/format";
import type { ResultColumn, Row } from "@/ui/grid/cells";
import { cellText, isNumeric } from "@/ui/grid/cells";
import { ResultGrid } from "@/ui/grid/result_grid";
import { Skeleton } from "@/ui/states";
import { themeColor, useDark } from "@/ui/theme";

const lightSeries = ["#0d6e9c", "#d97a26", "#38836a", "#8259ab", "#b9475f", "#5b7282", "#a08614", "#3f9cc0"];
const darkSeries = ["#6fc2e8", "#f0a35e", "#74c7a3", "#b79be0", "#ee8ea0", "#9db2bf", "#d8c25a", "#4f93b5"];

const themed = (dark: boolean): ChartColors => ({
  text: themeColor("text"), muted: themeColor("muted"), line: themeColor("line"), surface: themeColor("surface"), accent: themeColor("accent"), soft: themeColor("soft"),
  series: dark ? darkSeries : lightSeries,
});

/** A result, drawn as the spec says. Fills its parent. */
export function Chart({ label, columns, rows, spec }: { label: string; columns: readonly ResultColumn[]; rows: readonly Row[]; spec: ChartSpec }) {
  const missing = missingColumns(spec, columns);
  if (missing.length) return <Message text={`The result has no column ${missing.join(", ")}.`} />;
  if (spec.kind === "TABLE") return <ResultGrid label={label} columns={columns} rows={rows} totalRows={rows.length} plain />;
  if (spec.y.length === 0) return <Message text="Choose a column to draw." />;
  if (rows.length === 0) return <Message text="No rows." />;
  if (spec.kind === "NUMBER") return <BigNumber columns={columns} rows={rows} spec={spec} />;
  return <Drawing label={label} columns={columns} rows={rows} spec={spec} />;
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

function Drawing({ label, columns, rows, spec }: { label: string; columns: readonly ResultColumn[]; rows: readonly Row[]; spec: ChartSpec }) {
  const frame = useRef<HTMLDivElement>(null);
  const [drawing, setDrawing] = useState<EChartsType | null>(null);
  const dark = useDark();
  const option = useMemo(() => buildChartOption(columns, rows, spec, themed(dark)), [columns, rows, spec, dark]);

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

  return (
    <div className="relative h-full w-full">
      <div ref={frame} role="img" aria-label={label} className="absolute inset-0" />
      {!drawing && <Skeleton className="absolute inset-2" />}
    </div>
  );
}
