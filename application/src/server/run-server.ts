import { join } from 'node:path';
import { repositoryRoot } from '@commonwatt/network/topology/layout';
import { households, type Organisation } from '@commonwatt/network/topology/topology';
import type { SecureServerOptions } from 'node:http2';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { organisationsHere } from '../agent/own-member';
import type { CommunityMembers } from '../community/members';
import { InputError } from '../data/input-error';
import { Household } from '../household-view/household';
import { follow } from '../read-model/follow';
import { openReadModel, readModelFile } from '../read-model/open';
import { AccessStore, accessFile } from './access/access-store';
import { publicData } from './public-data';
import { buildServer, type Limits } from './server';

export const DEFAULT_PORT = 8080;

export interface ServeWish {
    /** Default: all whose keys are on this machine. */
    readonly households?: readonly string[] | undefined;
    readonly port: number;
    /** Default: this machine alone. */
    readonly host?: string | undefined;
    /** Other names under which it answers, with ports where these are not the usual ones. */
    readonly names?: readonly string[] | undefined;
    /** The read model: a file, or postgres://… */
    readonly readModel?: string | undefined;
    readonly tls?: Pick<SecureServerOptions, 'cert' | 'key'> | undefined;
    readonly limits?: Limits;
}

export interface RunningServer {
    readonly address: string;
    readonly households: readonly string[];
    readonly access: AccessStore;
    readonly app: FastifyInstance;
    /** Ends when the read model cannot go on: it holds another channel, or the chain forked. */
    readonly broken: Promise<never>;
    close(): Promise<void>;
}

/** Serves these households' pages until it is closed. */
export async function runServer(members: CommunityMembers, wish: ServeWish, logger: Logger): Promise<RunningServer> {
    const { layout, topology } = members;
    const served = servedHouseholds(members, wish.households);
    const [first] = served;
    if (first === undefined) {
        throw new InputError({ file: '--households' }, 'the keys of no household are on this machine');
    }
    const { port, host = '127.0.0.1', tls } = wish;
    const stopping = new AbortController();
    const model = await openReadModel(wish.readModel ?? readModelFile(layout, first.id));
    const homes = served.map(({ id }) => new Household(members, id));
    const access = new AccessStore(accessFile(layout));
    const following = follow(members.member(first.id).calls.gateway, model, stopping.signal);
    const names = new Map(topology.organisations.map(({ mspId, id }) => [mspId, id]));
    const app = await buildServer({
        households: homes,
        data: await publicData(model),
        access,
        hosts: hostsOf({ port, host, names: wish.names ?? [] }),
        nameOf: (mspId) => names.get(mspId) ?? mspId,
        logger,
        pages: join(repositoryRoot, 'web', 'dist'),
        tls,
        ...(wish.limits && { limits: wish.limits }),
    });
    const close = async (): Promise<void> => {
        stopping.abort();
        await app.close();
        await following.catch(() => undefined);
        homes.forEach((home) => {
            home.close();
        });
        access.close();
        await model.close();
    };
    try {
        await app.listen({ port, host });
    } catch (error) {
        await close();
        throw error;
    }
    const broken = following.then(() => new Promise<never>(() => undefined));
    broken.catch(() => undefined); // Whoever waits for it learns of it.
    const shown = `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
    return { address: shown, households: served.map(({ id }) => id), access, app, broken, close };
}

/** @throws InputError where one is no household, or its keys are not here */
function servedHouseholds(
    { topology, layout }: CommunityMembers,
    wanted: readonly string[] | undefined,
): readonly Organisation[] {
    const all = households(topology);
    const here = organisationsHere(topology, layout).map(({ id }) => id);
    const isHere = ({ id }: Organisation): boolean => here.includes(id);
    if (wanted === undefined) {
        return all.filter(isHere);
    }
    return wanted.map((id) => {
        const found = all.find((each) => each.id === id);
        if (found === undefined) {
            const there = all.map((each) => each.id).join(', ');
            throw new InputError({ file: '--households' }, `'${id}' is no household; there are ${there}`);
        }
        if (!isHere(found)) {
            throw new InputError({ file: '--households' }, `the keys of ${id} are not on this machine`);
        }
        return found;
    });
}

/** What browsers put into `Host`: the usual names of this machine where it listens to itself, and those that were named. */
function hostsOf({ port, host, names }: { port: number; host: string; names: readonly string[] }): string[] {
    const isLoopback = host === '127.0.0.1' || host === '::1' || host === 'localhost';
    const own = isLoopback ? ['127.0.0.1', 'localhost', '[::1]'] : [host.includes(':') ? `[${host}]` : host];
    return [...own.map((name) => `${name}:${port}`), ...names];
}
