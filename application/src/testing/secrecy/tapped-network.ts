import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploy } from '@commonwatt/network/topology/deploy/deploy';
import { layout as layoutOf, repositoryRoot, type Layout } from '@commonwatt/network/topology/layout';
import { startNetwork, stopNetwork } from '@commonwatt/network/topology/processes/network';
import type { Topology } from '@commonwatt/network/topology/topology';
import type { Charter } from '@commonwatt/chaincode/api/records';
import { foundCommunity } from '../../community/founding';
import { CommunityMembers } from '../../community/members';

/** What one peer's endorser was given. */
export interface Received {
    readonly mspId: string;
    readonly transaction: string;
    /** All private inputs as text, whatever their names are; empty where there were none. */
    readonly transient: string;
}

/** A community on embedded peers whose endorsers write down what reaches them. */
export interface TappedNetwork {
    readonly members: CommunityMembers;
    readonly charter: Charter;
    readonly layout: Layout;
    /** What has reached the endorsers so far. */
    received(): readonly Received[];
    /** Ends the processes and leaves their files. */
    halt(): Promise<void>;
    remove(): Promise<void>;
}

const ENDORSER = join(repositoryRoot, 'network', 'dist', 'peer', 'services', 'endorser.js');
const PROPOSALS = join(repositoryRoot, 'network', 'dist', 'fabric', 'proposals.js');

/** Loaded into every process of the network before its own code; does nothing where there are no peers. */
const tap = (file: string): string => `
if ((process.argv[1] ?? '').endsWith('peers.js')) {
    const { appendFileSync } = require('node:fs');
    const { Endorser } = require(${JSON.stringify(ENDORSER)});
    const { parseSignedProposal } = require(${JSON.stringify(PROPOSALS)});
    const { process: original } = Endorser.prototype;
    Endorser.prototype.process = function (signed) {
        const { args, transient } = parseSignedProposal(signed);
        const texts = [...transient.values()].map((value) => Buffer.from(value).toString());
        const received = { mspId: this.options.identity.mspId, transaction: Buffer.from(args[0] ?? []).toString(), transient: texts.join(' ') };
        appendFileSync(${JSON.stringify(file)}, JSON.stringify(received) + '\\n');
        return original.call(this, signed);
    };
}
`;

export async function tappedNetwork(topology: Topology): Promise<TappedNetwork> {
    const home = mkdtempSync(join(tmpdir(), 'commonwatt-e2e-tapped-'));
    const [code, heard] = [join(home, 'tap.cjs'), join(home, 'received.jsonl')];
    writeFileSync(code, tap(heard));
    const layout = layoutOf(home);
    const members = new CommunityMembers(topology, layout);
    const halt = async (): Promise<void> => {
        members.close();
        await stopNetwork(layout, { keep: true });
    };
    const remove = async (): Promise<void> => {
        await halt();
        rmSync(home, { recursive: true, force: true });
    };
    const before = process.env['NODE_OPTIONS'];
    try {
        process.env['NODE_OPTIONS'] = `${before ?? ''} --require ${code}`.trim();
        await startNetwork(topology, layout);
        await deploy(topology, layout);
        const charter = await foundCommunity(members, [{ fromSlot: 0, offsetMinutes: 60 }]);
        const received = (): Received[] =>
            existsSync(heard)
                ? readFileSync(heard, 'utf8')
                      .trim()
                      .split('\n')
                      .map((line) => JSON.parse(line) as Received)
                : [];
        return { members, charter, layout, received, halt, remove };
    } catch (error) {
        await remove();
        throw error;
    } finally {
        if (before === undefined) {
            delete process.env['NODE_OPTIONS'];
        } else {
            process.env['NODE_OPTIONS'] = before;
        }
    }
}
