import type { FabricBinaries } from '../topology/native/binaries';
import { play, type Difference, type Failure, type Played } from './play';
import type { Group, Scenario } from './scenario';
import type { PeerKind } from './stage/peer-under-test';
import { NEIGHBOUR, Stage } from './stage/stage';
import { SCENARIOS } from './scenarios';

export interface Counts {
    passed: number;
    failed: number;
    skipped: number;
}

export interface Report {
    readonly scenarios: number;
    readonly embedded: Counts;
    readonly native: Counts;
    /** Differences that the table of the documentation does not explain. */
    readonly differences: readonly Difference[];
    readonly failures: readonly Failure[];
    /** Differences that it does explain. */
    readonly explained: readonly Difference[];
    /** Of Fabric's peer; absent where none was found. */
    readonly fabric: string | undefined;
    /** Answers that say the same in other words. */
    readonly wordings: number;
}

export interface RunOptions {
    readonly portBase: number;
    readonly fabric: FabricBinaries | undefined;
    readonly groups?: readonly Group[];
    readonly progress?: (line: string) => void;
}

const MARKET = '/Channel/Application/Market';

interface Named {
    readonly scenario: Scenario;
    readonly chaincode: string;
}

/** Plays all scenarios: to both twins where there is a native one, and to the embedded one alone what would end a Fabric peer. */
export async function runConformance(options: RunOptions): Promise<Report> {
    const named = (options.groups ?? SCENARIOS)
        .flatMap(({ scenarios }) => scenarios)
        .map((scenario, index) => ({ scenario, chaincode: `scenario${index + 1}` }));
    const isShared = ({ scenario }: Named): boolean => options.fabric === undefined || scenario.notNative === undefined;
    const played = await playAll(named.filter(isShared), options);
    const alone = named.filter((each) => !isShared(each));
    if (alone.length > 0) played.push(...(await playAll(alone, { ...options, fabric: undefined })));
    return report(played, options.fabric);
}

async function playAll(named: readonly Named[], { portBase, fabric, progress }: RunOptions): Promise<Played[]> {
    const stage = await Stage.open(portBase, fabric);
    const played: Played[] = [];
    try {
        await stage.define([
            { name: NEIGHBOUR, policy: MARKET },
            ...named.map(({ scenario: { policy = MARKET, collections = [] }, chaincode }) => ({
                name: chaincode,
                policy,
                collections,
            })),
        ]);
        for (const { scenario, chaincode } of named) {
            const one = await play(scenario, chaincode, stage);
            progress?.(lineOf(one));
            played.push(one);
        }
        return played;
    } finally {
        await stage.close();
    }
}

function lineOf({ scenario, failures, differences }: Played): string {
    const trouble = [
        ...failures.map(({ peer, step, why }) => `\n    step ${step}, ${peer}: ${why}`),
        ...differences.map(
            ({ step, what, embedded, native }) =>
                `\n    step ${step}, ${what} differs\n        embedded: ${embedded}\n        native:   ${native}`,
        ),
    ];
    const isExplained = failures.length === 0 && scenario.differs !== undefined;
    const word = trouble.length === 0 ? 'good ' : isExplained ? 'other' : 'BAD  ';
    return `${word} ${scenario.name}${trouble.join('')}`;
}

function report(played: readonly Played[], fabric: FabricBinaries | undefined): Report {
    const all = played.flatMap(({ scenario, differences }) => differences.map((each) => ({ scenario, each })));
    const explained = all.filter(({ scenario }) => scenario.differs !== undefined).map(({ each }) => each);
    const differences = all.filter(({ scenario }) => scenario.differs === undefined).map(({ each }) => each);
    return {
        scenarios: played.length,
        embedded: counts('embedded', played, () => false),
        native: counts('native', played, (scenario) => isSkipped(scenario, fabric)),
        differences,
        failures: played.flatMap(({ failures }) => failures),
        explained,
        fabric: fabric?.version,
        wordings: played.reduce((sum, one) => sum + one.wordings, 0),
    };
}

function isSkipped({ notNative, steps }: Scenario, fabric: FabricBinaries | undefined): boolean {
    const asksOrderers = steps.some(({ kind }) => kind === 'broadcast');
    return fabric === undefined || notNative !== undefined || (asksOrderers && fabric.orderer === undefined);
}

function counts(kind: PeerKind, played: readonly Played[], isSkipped: (scenario: Scenario) => boolean): Counts {
    const result: Counts = { passed: 0, failed: 0, skipped: 0 };
    for (const { scenario, failures } of played) {
        if (isSkipped(scenario)) result.skipped += 1;
        else if (failures.some(({ peer }) => peer === kind)) result.failed += 1;
        else result.passed += 1;
    }
    return result;
}
