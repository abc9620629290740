/** The papers' tables and figures, and the report: pictures as SVG, and a self-contained page. */

export {
  type AdaptationHooks,
  type AdaptationResult,
  type AdaptationRun,
  type AdaptationSettings,
  type AdaptationStart,
  type AdaptationSummary,
  adaptationSettings,
  adaptationSummaries,
  adaptTasks,
  newAdaptationRun,
} from "./adaptation.js";
export { adaptationChart } from "./adaptation-chart.js";
export { readAdaptationRun } from "./adaptation-file.js";
export { adaptationTasks, type PaperTask } from "./adaptation-tasks.js";
export { calibrationCharts, calibrationPicture } from "./calibration-chart.js";
export { type BarChartOptions, barChart, type LineChartOptions, type LineSeries, lineChart } from "./charts.js";
export { isBetter, type Score, type Tried } from "./choice.js";
export {
  type FeynmanOptions,
  type FeynmanResult,
  feynmanLaws,
  type Law,
  recoverFeynmanLaws,
  recoverLaw,
} from "./feynman.js";
export {
  type Certainty,
  compareGradients,
  type DepthGradients,
  type GradientComparison,
  gradientsByDepth,
  type ParsedTerms,
  parsedTerms,
} from "./gradients-by-depth.js";
export { type HeatMapOptions, heatMap } from "./heat-map.js";
export {
  type CallWay,
  callWays,
  type DepthMeasurement,
  type MinimalNetworkOptions,
  type MinimalNetworkResult,
  type MinimalNetworkRow,
  minimalNetwork,
  paperAccuracies,
} from "./minimal-network.js";
export { meanAccuracy, minimalNetworkChart } from "./minimal-network-chart.js";
export type { NetworkSettings } from "./minimal-network-training.js";
export { reportPage, writeReport } from "./report.js";
export type {
  AskedSentence,
  AssemblyLine,
  Bar,
  CalibrationCurves,
  Choice,
  ComparisonSection,
  DistributionOverTime,
  Figure,
  HeatPanel,
  LibraryRow,
  LibrarySection,
  Numbers,
  PathResult,
  ReportContent,
  Series,
  SoftRunSection,
  TrainingSection,
} from "./report-content.js";
export { softRunPicture } from "./soft-run-picture.js";
export { stacked } from "./stacked.js";
export {
  type AccuracyRow,
  type AluKind,
  type LearningCurve,
  type TablesAndCircuitsOptions,
  type TablesAndCircuitsResult,
  type Training,
  tablesAndCircuits,
} from "./tables-and-circuits.js";
export { tablesAndCircuitsChart } from "./tables-and-circuits-chart.js";
