import { readFileSync } from 'node:fs';
import pino from 'pino';
import { networkStatus } from '@commonwatt/network/topology/processes/network';
import { CommunityMembers } from '../community/members';
import { InputError } from '../data/input-error';
import { serverLogger } from '../server/logger';
import { DEFAULT_PORT, runServer, type ServeWish } from '../server/run-server';
import { contextOf, print, type CommonOptions } from './context';
import { EXIT, NotUp } from './failure';
import { untilTold } from './until-told';

export interface ServeOptions extends CommonOptions {
    readonly households?: readonly string[];
    readonly port?: number;
    readonly host?: string;
    readonly name?: readonly string[];
    readonly readModel?: string;
    readonly tlsCert?: string;
    readonly tlsKey?: string;
    readonly log?: string;
}

/** Serves the pages of the households whose keys are here, until it is told to end. */
export async function serve(options: ServeOptions): Promise<number> {
    const wish = wishOf(options);
    const context = contextOf(options);
    const { state, home } = await networkStatus(context.topology, context.layout);
    if (state !== 'up') {
        throw new NotUp(`the network in ${home} is ${state}; \`commonwatt up\` starts it`);
    }
    const members = new CommunityMembers(context.topology, context.layout);
    const ending = untilTold();
    const logger = serverLogger(pino.destination({ dest: 2, sync: true }), options.log);
    try {
        const server = await runServer(members, wish, logger);
        const { address, households } = server;
        print(
            options.json === true
                ? JSON.stringify({ address, households })
                : `The pages of ${households.join(', ')} are at ${address}\nTo log in for the first time: npx commonwatt login ${households[0] ?? 'H1'}`,
        );
        await Promise.race([ending, server.broken]).finally(() => server.close());
    } finally {
        members.close();
    }
    return EXIT.done;
}

/** Whoever listens here cannot be heard by others. */
const OWN_MACHINE: readonly string[] = ['127.0.0.1', '::1', 'localhost'];

/** @throws InputError where what is asked for makes no sense */
export function wishOf(options: ServeOptions): ServeWish {
    const { port = DEFAULT_PORT, host, name, readModel, households, tlsCert, tlsKey } = options;
    if ((tlsCert === undefined) !== (tlsKey === undefined)) {
        throw new InputError({ file: '--tls-cert' }, 'goes with --tls-key: a certificate is of no use without its key');
    }
    if (host !== undefined && !OWN_MACHINE.includes(host) && tlsCert === undefined) {
        throw new InputError(
            { file: '--host' },
            'everybody in the network could read along: give --tls-cert, --tls-key',
        );
    }
    const tls =
        tlsCert === undefined || tlsKey === undefined ? undefined : { cert: fileIn(tlsCert), key: fileIn(tlsKey) };
    return { port, host, names: name, readModel, households, tls };
}

function fileIn(path: string): Buffer {
    try {
        return readFileSync(path);
    } catch (error) {
        throw new InputError({ file: path }, error instanceof Error ? error.message : String(error));
    }
}
