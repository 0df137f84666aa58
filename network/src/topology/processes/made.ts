import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Layout } from '../layout';

/**
 * Writes down which of its files a start is about to make, so that the end removes those and no others. What an earlier start
 * wrote down stays.
 */
export function noteWhatWillBeMade(layout: Layout): void {
    if (existsSync(manifest(layout))) {
        return;
    }
    const made = everything(layout).filter((path) => !existsSync(path));
    mkdirSync(layout.var, { recursive: true });
    writeFileSync(manifest(layout), `${JSON.stringify(made, null, 4)}\n`);
}

/** Removes what was written down, and the folders around it that are empty then. */
export function removeWhatWasMade(layout: Layout): void {
    if (!existsSync(manifest(layout))) {
        return;
    }
    const made = new Set(JSON.parse(readFileSync(manifest(layout), 'utf8')) as string[]);
    // Only paths that this layout names: the file could have been copied here from another place.
    for (const path of everything(layout).filter((each) => made.has(each))) {
        rmSync(path, { recursive: true, force: true });
    }
    rmSync(manifest(layout));
    for (const directory of [layout.var, dirname(layout.peerOrganizations)]) {
        if (existsSync(directory) && readdirSync(directory).length === 0) {
            rmdirSync(directory);
        }
    }
}

function everything(layout: Layout): readonly string[] {
    return [
        layout.peerOrganizations,
        layout.topologyFile,
        layout.genesisBlock,
        layout.packages,
        layout.chaincodeTlsFolder,
        layout.fabric,
        layout.compose,
        layout.ordering,
        layout.ledgers,
        layout.agents,
        layout.server,
        layout.readModels,
        layout.logs,
        layout.run,
    ];
}

function manifest(layout: Layout): string {
    return join(layout.var, 'made.json');
}
