/** The formats that reports are written in, and what their files in the run folder are called. */
export const reportFiles = {
  json: 'report.json',
  junit: 'junit.xml',
  html: 'report.html',
  ctrf: 'ctrf.json',
  markdown: 'report.md',
  openmetrics: 'metrics.txt',
} as const;

export type ReportFormat = keyof typeof reportFiles;

export const reportFormats = Object.keys(reportFiles) as ReportFormat[];
