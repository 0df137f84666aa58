import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layout as layoutOf } from '@commonwatt/network/topology/layout';
import { stopNetwork } from '@commonwatt/network/topology/processes/network';
import { smallCommunity } from '@commonwatt/network/topology/small-community';
import { pino } from 'pino';
import { findChromium, launchChromium } from '../browser/chromium';
import { DESKTOP, PHONE, Visitor, type Look } from '../browser/visitor';
import { chosenDay, meterData } from '../commands/day-choice';
import { daySteps } from '../commands/steps/day-steps';
import { runSteps } from '../commands/steps/run-steps';
import { upSteps, type Started } from '../commands/steps/up-steps';
import { CommunityMembers } from '../community/members';
import { InputError } from '../data/input-error';
import { runServer } from '../server/run-server';
import { median, percentile, tenths } from './statistics';

/** How one page came up in a browser that had never been there, in milliseconds from the request on. */
export interface PageFigures {
    readonly look: string;
    readonly page: string;
    readonly runs: number;
    /** Navigation stands and takes clicks. */
    readonly interactiveMs: { readonly median: number; readonly most: number };
    /** What the page is about is on it. */
    readonly shownMs: { readonly median: number; readonly most: number };
    /** Sent over the wire, compressed, with headers. */
    readonly bytes: number;
}

const PORT_BASE = 27_000;
const SERVER_PORT = 27_900;
const HOMES = 3;
const HOME = 'H1';
const LOOKS: readonly Look[] = [
    { name: 'phone', viewport: PHONE, colorScheme: 'light', locale: 'en-GB' },
    { name: 'desktop', viewport: DESKTOP, colorScheme: 'light', locale: 'en-GB' },
];
const PAGES = ['now', 'money', 'bills', 'market', 'community', 'explorer'];
const MOST = 100;

/** Trades a day in a small community, and opens each page of a home so many times. @throws InputError where there is no browser. */
export async function measurePages(runs: number): Promise<PageFigures[]> {
    const executable = findChromium(process.env);
    if (executable === undefined) {
        throw new InputError({ file: 'CHROMIUM_BIN' }, 'there is no chromium: `apt-get install chromium`');
    }
    const home = mkdtempSync(join(tmpdir(), 'commonwatt-bench-'));
    const topology = smallCommunity(HOMES, { portBase: PORT_BASE });
    const layout = layoutOf(home);
    const members = new CommunityMembers(topology, layout);
    const started: Started = { wasUp: false, homes: 0 };
    try {
        const choice = chosenDay({});
        const { clock } = meterData(topology, choice).metered;
        await runSteps(upSteps({ topology, layout }, members, clock, started), false);
        await runSteps(
            daySteps(members, choice, { mayResume: false, elects: false, startSeconds: () => 0 }, {}),
            false,
        );
        return await opened(members, executable, runs);
    } finally {
        members.close();
        await stopNetwork(layout);
        rmSync(home, { recursive: true, force: true });
    }
}

async function opened(members: CommunityMembers, executable: string, runs: number): Promise<PageFigures[]> {
    const server = await runServer(members, { port: SERVER_PORT }, pino({ level: 'silent' }));
    const browser = await launchChromium(executable);
    const figures: PageFigures[] = [];
    try {
        for (const look of LOOKS) {
            const first = await Visitor.open(browser, server.address, look);
            await first.setPassword(`/login?household=${HOME}#code=${server.access.makeCode(HOME)}`);
            const session = await first.page.context().storageState();
            await first.close();
            for (const page of PAGES) {
                const samples: Sample[] = [];
                for (let run = 0; run < runs; run += 1) {
                    const visitor = await Visitor.open(browser, server.address, look, session);
                    samples.push(await sampleOf(visitor, `/${page}`));
                    await visitor.close();
                }
                figures.push({ look: look.name, page, runs, ...summed(samples) });
            }
        }
        return figures;
    } finally {
        await browser.close();
        await server.close();
    }
}

interface Sample {
    readonly interactiveMs: number;
    readonly shownMs: number;
    readonly bytes: number;
}

/** By the marks that the pages themselves set, on the browser's own clock. */
async function sampleOf(visitor: Visitor, path: string): Promise<Sample> {
    const sizes: Promise<number>[] = [];
    visitor.page.on('requestfinished', (request) => {
        sizes.push(
            request.sizes().then(({ responseBodySize, responseHeadersSize }) => responseBodySize + responseHeadersSize),
        );
    });
    await visitor.visit(path);
    const [interactiveMs, shownMs] = await visitor.page.evaluate<[number, number]>(
        `['interactive', 'shown'].map((name) => performance.getEntriesByName(name, 'mark')[0].startTime)`,
    );
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    return { interactiveMs, shownMs, bytes };
}

function summed(samples: readonly Sample[]): Pick<PageFigures, 'interactiveMs' | 'shownMs' | 'bytes'> {
    const of = (name: keyof Sample): { median: number; most: number } => {
        const values = samples.map((sample) => sample[name]);
        return { median: tenths(median(values)), most: tenths(percentile(values, MOST) ?? 0) };
    };
    return { interactiveMs: of('interactiveMs'), shownMs: of('shownMs'), bytes: of('bytes').most };
}

export const pagesText = (figures: readonly PageFigures[]): string =>
    figures
        .map(
            ({ look, page, runs, interactiveMs, shownMs, bytes }) =>
                `${look.padEnd(8)} ${page.padEnd(10)} interactive after ${interactiveMs.median} ms (most ${interactiveMs.most}), shown after ${shownMs.median} ms (most ${shownMs.most}), ${bytes} bytes; ${runs} runs`,
        )
        .join('\n');
