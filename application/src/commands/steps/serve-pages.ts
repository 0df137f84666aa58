import pino from 'pino';
import type { CommunityMembers } from '../../community/members';
import { serverLogger } from '../../server/logger';
import { DEFAULT_PORT, runServer, type RunningServer } from '../../server/run-server';
import { print, type Context } from '../context';
import { firstAccessLink } from '../login';
import { untilTold } from '../until-told';

/** So many ports are tried where none is asked for: something else may be at the first. */
const PORTS_TRIED = 20;

/** Serves the pages of all homes until Ctrl-C; the network stays up then. */
export async function servePages(context: Context, members: CommunityMembers, port: number | undefined): Promise<void> {
    const ending = untilTold();
    const server = await onFreePort(members, port);
    const [home = 'H1'] = server.households;
    const { link } = firstAccessLink(context, home, server.address);
    const rest =
        server.address === `http://127.0.0.1:${DEFAULT_PORT}`
            ? 'npx commonwatt login H2'
            : `npx commonwatt login H2 --address ${server.address}`;
    print(
        [
            '',
            `The households' pages are at ${server.address}`,
            `To log in as ${home} (set a password, once, within a quarter of an hour; for another home: ${rest}):`,
            '',
            `  ${link}`,
            '',
            'Ctrl-C ends the pages; the network stays up, `npx commonwatt serve` serves them again, `npx commonwatt down` stops it.',
        ].join('\n'),
    );
    await Promise.race([ending, server.broken]).finally(async () => {
        await server.close();
        members.close();
    });
    print('The pages are closed. The network stays up: `npx commonwatt down` stops it and removes what it made.');
}

async function onFreePort(members: CommunityMembers, asked: number | undefined): Promise<RunningServer> {
    const logger = serverLogger(pino.destination({ dest: 2, sync: true }), 'error');
    for (let port = asked ?? DEFAULT_PORT; ; port += 1) {
        try {
            return await runServer(members, { port }, logger);
        } catch (error) {
            const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
            if (!isTaken || asked !== undefined || port >= DEFAULT_PORT + PORTS_TRIED) {
                throw error;
            }
        }
    }
}
