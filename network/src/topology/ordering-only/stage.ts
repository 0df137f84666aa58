import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeGenesisBlock } from '../genesis';
import { generateIdentities } from '../identities/generate';
import { layout as layoutOf, type Layout } from '../layout';
import { joinOrderers } from '../native/join-orderers';
import { withNetwork } from '../network-kind';
import { processPlans } from '../processes/plans';
import { endProcesses, recordedProcesses, startProcess, untilReady } from '../processes/supervisor';
import { smallCommunity } from '../small-community';
import { seats, type NetworkKind, type Topology } from '../topology';
import { writeTopology } from '../topology-file';
import { OrderingLoadClient } from './load-client';

export interface StageWish {
    readonly ordering: NetworkKind['ordering'];
    /** How many seats of equal power; 1 to 7. */
    readonly seats: number;
    readonly portBase: number;
}

/** Not sooner than the largest community that is measured has this many homes to hold seats. */
const HOMES = 7;
const POWER = 10;
const START_LIMIT_MS = 120_000;

/** An ordering service and nothing else, in a folder of temporary files: for measuring it without peers and chaincode. */
export class OrderingStage {
    private constructor(
        readonly topology: Topology,
        readonly layout: Layout,
    ) {}

    /** @throws Error where a program that it needs is not there. */
    static async start(wish: StageWish): Promise<OrderingStage> {
        const topology = topologyOf(wish);
        const layout = layoutOf(mkdtempSync(join(tmpdir(), 'ordering-only-')));
        const stage = new OrderingStage(topology, layout);
        try {
            await generateIdentities(topology, layout);
            writeTopology(topology, layout);
            writeGenesisBlock(topology, layout);
            await stage.#startProcesses();
        } catch (failure) {
            await stage.stop();
            throw failure;
        }
        return stage;
    }

    /** All that orders: the seats' processes and their engines. */
    processes(): readonly { readonly name: string; readonly pid: number }[] {
        return recordedProcesses(this.layout).map(({ name, pid }) => ({ name, pid }));
    }

    client(): Promise<OrderingLoadClient> {
        return OrderingLoadClient.connect(this.topology, this.layout);
    }

    async stop(): Promise<void> {
        await endProcesses(recordedProcesses(this.layout), this.layout);
        rmSync(this.layout.home, { recursive: true, force: true });
    }

    async #startProcesses(): Promise<void> {
        const { topology, layout } = this;
        const deadline = AbortSignal.timeout(START_LIMIT_MS);
        const plans = (await processPlans(topology, layout)).filter(({ name }) => /^order(ing|er)(-|$)/.test(name));
        await Promise.all(
            plans.map(async (plan) => {
                await untilReady(plan, startProcess(plan, layout), layout, deadline);
            }),
        );
        await joinOrderers(topology, layout, { progress: () => undefined, deadline });
    }
}

function topologyOf({ ordering, seats: count, portBase }: StageWish): Topology {
    const made = smallCommunity(HOMES, { portBase, chaincodes: [] });
    const [first] = seats(made);
    if (first === undefined || count < 1 || count > HOMES) {
        throw new RangeError(`an ordering service has 1 to ${HOMES} seats, not ${count}`);
    }
    const seated = made.homes.slice(0, count);
    const organisations = made.organisations.map(({ orderingSeat, ...organisation }) => {
        const at = seated.indexOf(organisation.id);
        const { host } = orderingSeat ?? first.orderingSeat;
        return at < 0
            ? organisation
            : { ...organisation, orderingSeat: { host, port: portBase + at, consenterId: at + 1, weight: POWER } };
    });
    return withNetwork({ ...made, organisations }, { kind: ordering === 'raft' ? 'native' : 'embedded', ordering });
}
