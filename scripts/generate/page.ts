import { createHash } from 'node:crypto';
import { build } from 'esbuild';

/**
 * The script and the style of the HTML report, all they need within them.
 * @returns an ES module that exports both, and their hashes for a Content-Security-Policy
 */
export async function pageModule(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: { page: 'src/reporters/html/page/main.ts' },
    outdir: 'dist',
    bundle: true,
    format: 'iife',
    platform: 'browser',
    // Four years of browsers.
    target: ['chrome109', 'firefox115', 'safari16'],
    write: false,
    minify: true,
    legalComments: 'inline',
    logLevel: 'warning',
  });
  const [script, style] = ['.js', '.css'].map((end) => outputFiles.find(({ path }) => path.endsWith(end))!.text.trim());
  if (/<\/(script|style)|<!--/i.test(script! + style!)) throw new Error('the page would end its own script or style');
  return `// Generated from src/reporters/html/page/.
export const script = ${JSON.stringify(script)};
export const scriptHash = ${JSON.stringify(hashOf(script!))};
export const style = ${JSON.stringify(style)};
export const styleHash = ${JSON.stringify(hashOf(style!))};
`;
}

export const pageTypes = `export declare const script: string;
export declare const scriptHash: string;
export declare const style: string;
export declare const styleHash: string;
`;

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;
