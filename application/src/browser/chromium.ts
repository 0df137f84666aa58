import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
/** Where Debian puts it, whatever PATH says. */
const USUAL = ['/usr/bin'];

/** The machine's own browser (`apt-get install chromium`), or the one that `CHROMIUM_BIN` names. Undefined where there is none. */
export function findChromium(env: NodeJS.ProcessEnv): string | undefined {
    const folders = [...(env['PATH'] ?? '').split(delimiter), ...USUAL];
    const named = env['CHROMIUM_BIN'];
    const candidates = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
    return [...(named === undefined ? [] : [named]), ...candidates].find(isExecutable);
}

function isExecutable(path: string): boolean {
    try {
        accessSync(path, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}

/** Chromium's own sandbox needs what containers do not give to root; the pages it opens here are ours. */
export const launchChromium = (executablePath: string): Promise<Browser> =>
    chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
