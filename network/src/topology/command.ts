import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { COMET_MODULE } from '../ordering/engine/comet/node/binary';
import { expiredOf } from './certificates';
import { readCommunity } from './community/read';
import { engineOf } from './comet/plans';
import { printContainerLogs } from './compose/network';
import { deploy } from './deploy/deploy';
import { layout as layoutOf, repositoryRoot, type Layout } from './layout';
import { followLog, lastLines } from './processes/logs';
import { peerEnvironment } from './native/peer-env';
import { addHousehold, removeHousehold, renewMember } from './membership/household';
import { demonstrationHome, readHome } from './membership/newcomer';
import { changePowers } from './membership/powers';
import { readPowers } from './membership/read-powers';
import { renewSeat } from './membership/seat-renewal';
import { networkAsked } from './network-asked';
import { withFirstHomes } from './first-homes';
import { EMBEDDED, withNetwork } from './network-kind';
import { AlreadyUp, networkStatus, startNetwork, stopNetwork, type NetworkStatus } from './processes/network';
import { processEndpoints } from './processes/plans';
import { organisation, type Topology } from './topology';
import { readTopology } from './topology-file';

const USAGE = `usage: network.sh up|down|status|deploy|logs|peer-env|add-household|remove-household|renew|renew-seat|set-powers [--home DIR] [--community FILE]
  up [--network KIND]       identities, first block, ordering, peers, chaincode services; KIND is
                            embedded (our peers, the default), native (Fabric's own, from FABRIC_BIN or PATH) or
                            docker (Fabric's own in containers)
     [--ordering KIND]      own (our ordering service, all seats in one process, the default), comet (ours,
                            each seat in a process of its own with CometBFT beside it: from an image on docker, else from
                            go install ${COMET_MODULE}) or
                            raft (native, docker: Fabric's orderers in the place of our ordering service)
     [--embedded DSO,H1]    native, docker: these organisations' peers are embedded all the same
     [--peers embedded]     docker: all of them
     [--own-chaincode IDS]  embedded peers with chaincode services of their own: H1,H2
     [--tls-client-auth]    peers and orderers let in nobody without a member's TLS certificate
     [--homes N]            the first N homes of the community only
  deploy                    install, approve and commit the chaincodes
  status                    what runs; exit code 3 unless everything does
  logs [PROCESS] [--lines N] [--follow]
  peer-env ORGANISATION [--as Admin|Agent]
                            the environment for Fabric's peer command; use: eval "$(network.sh peer-env H1)"
  add-household ID [--from FILE]
                            takes a household into the running network; FILE describes its home as community.yaml does
  remove-household ID       takes one out again
  renew ID                  new certificates for a member; the ones before are revoked on the channel
  renew-seat ID             new keys and certificates for a member's ordering seat, by one configuration block
  set-powers H1=32,H2=28,…  other powers of the ordering seats, by one configuration block: who is named and has no seat gets
                            one, who is not named loses it; or a JSON file {"H1": 32, …}
  down [--keep]             end the processes and remove what up made; --keep leaves ledgers and identities`;

const EXIT_USAGE = 64;
const EXIT_NOT_UP = 3;

const OPTIONS = {
    home: { type: 'string', default: repositoryRoot },
    community: { type: 'string', default: join(repositoryRoot, 'organizations', 'community.yaml') },
    keep: { type: 'boolean', default: false },
    lines: { type: 'string', default: '40' },
    follow: { type: 'boolean', default: false },
    network: { type: 'string' },
    ordering: { type: 'string' },
    embedded: { type: 'string' },
    peers: { type: 'string' },
    homes: { type: 'string' },
    'own-chaincode': { type: 'string' },
    'tls-client-auth': { type: 'boolean' },
    as: { type: 'string', default: 'Admin' },
    from: { type: 'string' },
} as const;

interface Request {
    /** As the file says now. */
    readonly community: () => Topology;
    /** As the network in the home was made; as the file says where there is none. */
    readonly topology: () => Topology;
    readonly layout: Layout;
    /** A process or an organisation. */
    readonly name: string | undefined;
    readonly as: string;
    readonly from: string | undefined;
    readonly keep: boolean;
    readonly lines: number;
    readonly follow: boolean;
    readonly interrupted: AbortSignal;
}

/** A usage error, as opposed to something that went wrong. */
class Misuse extends Error {}

const COMMANDS: Readonly<Record<string, (request: Request) => Promise<number>>> = {
    up,
    down,
    status,
    deploy: deployAll,
    logs,
    'peer-env': printPeerEnvironment,
    'add-household': takeIn,
    'remove-household': takeOut,
    renew,
    'renew-seat': renewOrderer,
    'set-powers': setPowers,
};

async function main(argv: readonly string[]): Promise<number> {
    const [name = '', ...rest] = argv;
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    try {
        if (command === undefined) {
            throw new Misuse(name === '' ? 'which command?' : `unknown command: ${name}`);
        }
        return await command(request(rest));
    } catch (error) {
        if (error instanceof Misuse) {
            console.error(`${error.message}\n${USAGE}`);
            return EXIT_USAGE;
        }
        console.error(error instanceof Error ? error.message : error);
        return 1;
    }
}

function request(argv: readonly string[]): Request {
    const { values, positionals } = parsed(argv);
    const lines = Number(values.lines);
    if (!Number.isInteger(lines) || lines < 1 || positionals.length > 1) {
        throw new Misuse(positionals.length > 1 ? `unknown: ${positionals.slice(1).join(' ')}` : '--lines is a number');
    }
    const layout = layoutOf(values.home);
    const made = existsSync(layout.topologyFile) ? readTopology(layout) : undefined;
    const asked = networkAsked({
        ...values,
        tlsClientAuth: values['tls-client-auth'],
        ownChaincode: values['own-chaincode'],
    });
    // A network that was made remembers its kind.
    const file = (): Topology => firstHomes(readCommunity(values.community), values.homes);
    const community = (): Topology => withNetwork(file(), asked ?? made?.network ?? EMBEDDED);
    const interrupted = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, () => {
            interrupted.abort(new Error(`interrupted by ${signal}`));
        });
    }
    return {
        community,
        topology: () => made ?? community(),
        layout,
        name: positionals[0],
        as: values.as,
        from: values.from,
        keep: values.keep,
        lines,
        follow: values.follow,
        interrupted: interrupted.signal,
    };
}

function parsed(
    argv: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>> {
    try {
        return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
    } catch (error) {
        throw new Misuse(error instanceof Error ? error.message : String(error));
    }
}

/** @param homes how many; all if nobody says. */
function firstHomes(community: Topology, homes: string | undefined): Topology {
    return homes === undefined ? community : withFirstHomes(community, Number(homes));
}

async function up({ community, layout, interrupted }: Request): Promise<number> {
    const topology = community();
    const begin = performance.now();
    try {
        await startNetwork(topology, layout, { onProgress: say, signal: interrupted });
    } catch (error) {
        if (!(error instanceof AlreadyUp)) {
            throw error;
        }
        say(error.message);
        return 0;
    }
    (await expiredIn(layout)).forEach(say);
    say(`the network of ${topology.organisations.length} organisations is up after ${seconds(begin)}; next: deploy`);
    return 0;
}

async function down({ layout, keep }: Request): Promise<number> {
    await stopNetwork(layout, { keep });
    say(keep ? 'the network is down; ledgers and identities are kept' : 'the network is down, what it made is removed');
    return 0;
}

async function deployAll({ topology: read, layout }: Request): Promise<number> {
    const topology = read();
    if ((await networkStatus(topology, layout)).state !== 'up') {
        throw new Error(`the network in ${layout.home} is not up`);
    }
    const begin = performance.now();
    for (const { name, sequence, packageId, changed } of await deploy(topology, layout, { onProgress: say })) {
        say(`${name}: ${changed ? 'committed' : 'there already'}, sequence ${sequence}, ${packageId}`);
    }
    say(`deployed after ${seconds(begin)}`);
    return 0;
}

async function takeIn({ topology: read, layout, name, from }: Request): Promise<number> {
    const id = await memberOf(read, layout, name, 'add-household');
    const home = from === undefined ? demonstrationHome(id, read()) : readHome(id, from);
    const begin = performance.now();
    await addHousehold(home, layout, { onProgress: say });
    say(`${id} is on the channel after ${seconds(begin)}; next: commonwatt admit ${id}`);
    return 0;
}

async function takeOut({ topology: read, layout, name }: Request): Promise<number> {
    const id = await memberOf(read, layout, name, 'remove-household');
    const begin = performance.now();
    await removeHousehold(id, layout, { onProgress: say });
    say(`${id} has left the channel after ${seconds(begin)}`);
    return 0;
}

async function renew({ topology: read, layout, name }: Request): Promise<number> {
    const id = await memberOf(read, layout, name, 'renew');
    await renewMember(id, layout, { onProgress: say });
    return 0;
}

async function renewOrderer({ topology: read, layout, name }: Request): Promise<number> {
    const id = await memberOf(read, layout, name, 'renew-seat');
    await renewSeat(id, layout, { onProgress: say });
    return 0;
}

async function setPowers({ topology: read, layout, name }: Request): Promise<number> {
    if (name === undefined) {
        throw new Misuse('which powers? set-powers H1=32,H2=28,H3=24,H4=16');
    }
    const topology = read();
    if ((await networkStatus(topology, layout)).state !== 'up') {
        throw new Error(`the network in ${layout.home} is not up`);
    }
    const text = existsSync(name) ? readFileSync(name, 'utf8') : name;
    await changePowers(readPowers(text, topology), layout, { onProgress: say });
    return 0;
}

async function memberOf(
    topology: () => Topology,
    layout: Layout,
    id: string | undefined,
    command: string,
): Promise<string> {
    if (id === undefined) {
        throw new Misuse(`which household? ${command} H21`);
    }
    const { state } = await networkStatus(topology(), layout);
    if (state === 'down') {
        throw new Error(`the network in ${layout.home} is not up`);
    }
    return id;
}

async function status({ topology, layout }: Request): Promise<number> {
    const found = await networkStatus(topology(), layout);
    say(describe(found));
    (await expiredIn(layout)).forEach(say);
    return found.state === 'up' ? 0 : EXIT_NOT_UP;
}

/** Of a network that was made. */
async function expiredIn(layout: Layout): Promise<readonly string[]> {
    return existsSync(layout.topologyFile) ? expiredOf(readTopology(layout), layout) : [];
}

function describe({ state, home, channel, processes }: NetworkStatus): string {
    const width = Math.max(...processes.map(({ name }) => name.length));
    return [
        `${state}: channel ${channel} in ${home}`,
        ...processes.map(({ name, state: own, pid, endpoints }) => {
            const [first = '', ...others] = endpoints;
            const where = others.length === 0 ? first : `${first} … ${others.at(-1) ?? ''}`;
            return `${own.padEnd(8)} ${name.padEnd(width)} ${String(pid ?? '-').padStart(7)}  ${where}`;
        }),
        ...advice(processes),
    ].join('\n');
}

/** What to do about processes that have ended by themselves. */
function advice(processes: NetworkStatus['processes']): string[] {
    return processes
        .filter(({ state }) => state === 'ended')
        .map(({ name }) => `${name} has died: \`network.sh logs ${name}\` says why, \`network.sh up\` starts it again`);
}

async function logs({ topology, layout, name: asked, lines, follow, interrupted }: Request): Promise<number> {
    if (topology().network.kind === 'docker') {
        await printContainerLogs(layout, asked, { lines, follow, signal: interrupted });
        return 0;
    }
    const all = [...processEndpoints(topology()).keys()].flatMap((process) =>
        [process, engineOf(process) ?? []].flat(),
    );
    const names = all.filter((name) => asked === undefined || name === asked);
    if (names.length === 0) {
        throw new Misuse(`no process ${asked ?? ''}; there are ${all.join(', ')}`);
    }
    const prefix = (name: string): string => (names.length === 1 ? '' : `${name} | `);
    for (const name of names) {
        for (const line of lastLines(layout.logFile(name), lines)) {
            say(prefix(name) + line);
        }
    }
    if (follow) {
        const print = (name: string) => (text: string) => {
            process.stdout.write(text.replace(/^(?=.)/gm, prefix(name)));
        };
        await Promise.all(names.map((name) => followLog(layout.logFile(name), print(name), interrupted)));
    }
    return 0;
}

function printPeerEnvironment({ topology: read, layout, name, as }: Request): Promise<number> {
    if (name === undefined) {
        throw new Misuse('of which organisation? peer-env H1');
    }
    if (as !== 'Admin' && as !== 'Agent') {
        throw new Misuse(`--as is Admin or Agent, not ${as}`);
    }
    const topology = read();
    say(peerEnvironment(topology, layout, organisation(topology, name), as === 'Admin' ? 'admin' : 'agent'));
    return Promise.resolve(0);
}

function say(line: string): void {
    console.log(line);
}

function seconds(begin: number): string {
    return `${((performance.now() - begin) / 1000).toFixed(1)} s`;
}

void main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
});
