import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expiredOf } from '@commonwatt/network/topology/certificates';
import { hasComet } from '@commonwatt/network/topology/comet/plans';
import { findFabric } from '@commonwatt/network/topology/native/binaries';
import type { Layout } from '@commonwatt/network/topology/layout';
import type { NetworkStatus } from '@commonwatt/network/topology/processes/network';
import { accepts } from '@commonwatt/network/topology/processes/ports';
import { organisationsHere } from '../../agent/own-member';
import { agentStoreFile } from '../../agent/store/agent-store';
import { meterStoreFile } from '../../meters/meter-store';
import { accessFile } from '../../server/access/access-store';
import type { Context } from '../context';
import { note, problem, well, type Finding } from './finding';
import { portHolder } from './port-holder';

const OLDEST_NODE = [22, 12] as const;
const DAY_MS = 86_400_000;
const SOON_DAYS = 30;
const GIGABYTE = 1_000_000_000;
const LEAST_FREE_BYTES = GIGABYTE;

/** What the gateway client needs; `npm` scripts bring their own Node. */
export function checkNode(version: string): Finding {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    const [oldest, oldestMinor] = OLDEST_NODE;
    return major > oldest || (major === oldest && minor >= oldestMinor)
        ? well('Node', version)
        : problem(
              'Node',
              version,
              `at least ${OLDEST_NODE.join('.')} is needed: \`npx commonwatt\` brings the right one`,
          );
}

/** Fabric's programs and CometBFT, where the community's network is made of them. */
export function checkPrograms({ topology }: Context, environment: NodeJS.ProcessEnv): Finding[] {
    const { kind, ordering } = topology.network;
    const fabric = fabricProgram(environment, ordering === 'raft');
    const comet = hasComet(environment);
    return [
        kind === 'native' && 'why' in fabric
            ? problem("Fabric's programs", fabric.why, 'install them and set FABRIC_BIN to their folder')
            : note("Fabric's programs", 'why' in fabric ? 'not there; this network needs none' : fabric.version),
        ordering === 'comet' && kind !== 'docker' && !comet
            ? problem(
                  'CometBFT',
                  'not found',
                  'install it and set COMETBFT_BIN, as docs/guides/run-the-network.md says',
              )
            : note('CometBFT', comet ? 'found' : 'not there; this network needs none'),
    ];
}

function fabricProgram(environment: NodeJS.ProcessEnv, orderer: boolean): { version: string } | { why: string } {
    try {
        return { version: findFabric(environment, { orderer }).version };
    } catch (error) {
        return { why: error instanceof Error ? error.message : String(error) };
    }
}

/** Every process of the network serves at its ports, or they are free for it. */
export async function checkPorts({ state, processes }: NetworkStatus): Promise<Finding[]> {
    const findings: Finding[] = [];
    for (const { name, state: of, endpoints } of processes.filter((each) => each.state !== 'ready')) {
        for (const endpoint of endpoints) {
            if (of !== 'starting' && (await accepts(endpoint))) {
                const holder =
                    portHolder(Number(endpoint.slice(endpoint.lastIndexOf(':') + 1))) ?? 'a process of somebody else';
                const todo = `end it, or choose other ports: \`network.firstPort\` in the community's file`;
                findings.push(problem('ports', `${endpoint}, for ${name}, is used by ${holder}`, todo));
            }
        }
        if (state === 'partly up') {
            const todo = `look at var/logs/${name}.log; \`commonwatt up\` starts what is not there`;
            findings.push(problem('processes', `${name} is ${of}`, todo));
        }
    }
    const network = state === 'down' ? note('network', 'down', '`commonwatt up` starts it') : well('network', state);
    return [
        network,
        ...(findings.length === 0 ? [well('ports', state === 'up' ? 'all serve' : 'all are free')] : findings),
    ];
}

/** Certificates of members and seats that have run out, or will within a month. */
export async function checkCertificates({ topology, layout }: Context, now: Date): Promise<Finding[]> {
    if (!existsSync(layout.topologyFile)) {
        return [note('certificates', 'none have been made yet')];
    }
    const expired = await expiredOf(topology, layout, now);
    const soon = await expiredOf(topology, layout, new Date(now.getTime() + SOON_DAYS * DAY_MS));
    const parts = (line: string): [string, string] => {
        const cut = line.lastIndexOf(': ');
        return [line.slice(0, cut), line.slice(cut + 2)];
    };
    const findings = [
        ...expired.map((line) => problem('certificates', ...parts(line))),
        ...soon
            .filter((line) => !expired.includes(line))
            .map((line) => note('certificates', parts(line)[0].replace('expired', 'expires'), parts(line)[1])),
    ];
    return findings.length === 0 ? [well('certificates', `none expires within ${SOON_DAYS} days`)] : findings;
}

/** Keys and what households keep to themselves are readable by their owner alone. */
export function checkPermissions({ topology, layout }: Context): Finding[] {
    const files = organisationsHere(topology, layout).flatMap((each) => {
        const { ca, tlsCa, deviceCa, peer, admin, agent, saltKey, meter } = layout.organisation(each);
        const keys = [
            ca.key,
            tlsCa.key,
            deviceCa.key,
            peer.key,
            peer.tls.key,
            admin.key,
            agent.key,
            saltKey,
            meter.key,
        ];
        return [
            ...keys,
            meterStoreFile(layout, each.id),
            agentStoreFile(layout, each.id),
            ...ordersOf(layout, each.id),
        ];
    });
    files.push(accessFile(layout));
    const there = files.filter((file) => existsSync(file));
    const open = there.filter((file) => (statSync(file).mode & 0o077) !== 0);
    return open.length === 0
        ? [well('keys', `${there.length} files, readable by their owner alone`)]
        : open.map((file) => problem('keys', `others may read ${file}`, `chmod 600 ${file}`));
}

/** What a household has ordered, day by day, before anybody else knows. */
function ordersOf(layout: Layout, organisationId: string): string[] {
    const folder = layout.agentFolder(organisationId);
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return names.filter((name) => /^orders-.*\.jsonl$/.test(name)).map((name) => join(folder, name));
}

export function checkDisk({ layout }: Context): Finding {
    let folder = layout.var;
    while (!existsSync(folder)) {
        folder = dirname(folder); // The root is always there.
    }
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    const found = `${(free / GIGABYTE).toFixed(1)} GB free for ${folder}`;
    return free < LEAST_FREE_BYTES
        ? problem('disk', found, 'make room: a full disk stops peers and ordering service')
        : well('disk', found);
}
