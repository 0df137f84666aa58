import { organisationsHere } from '../agent/own-member';
import { InputError } from '../data/input-error';
import { AccessStore, accessFile, CODE_SECONDS } from '../server/access/access-store';
import { DEFAULT_PORT } from '../server/run-server';
import { contextOf, print, type CommonOptions, type Context } from './context';
import { EXIT } from './failure';

export interface LoginOptions extends CommonOptions {
    readonly address?: string;
}

/** A way in for whoever sits at the machine that has the household's keys: a link with which a password is set once. */
export function login(home: string, options: LoginOptions): number {
    const context = contextOf(options);
    requireKeys(context, home);
    const { address = `http://127.0.0.1:${DEFAULT_PORT}` } = options;
    const { code, link } = firstAccessLink(context, home, address);
    print(
        options.json === true
            ? JSON.stringify({ household: home, code, link, seconds: CODE_SECONDS })
            : `Open this within ${CODE_SECONDS / 60} minutes and set a password for ${home}; it works once:\n\n  ${link}`,
    );
    return EXIT.done;
}

/** The code stands behind the #: browsers keep that to themselves, so it comes into no log. */
export function firstAccessLink(
    { layout }: Pick<Context, 'layout'>,
    home: string,
    address: string,
): { readonly code: string; readonly link: string } {
    const store = new AccessStore(accessFile(layout));
    try {
        const code = store.makeCode(home);
        return { code, link: `${address}/login?household=${encodeURIComponent(home)}#code=${code}` };
    } finally {
        store.close();
    }
}

function requireKeys({ topology, layout }: Context, home: string): void {
    if (!topology.homes.includes(home)) {
        const there = topology.homes.join(', ');
        throw new InputError({ file: 'login' }, `'${home}' is no household; there are ${there}`);
    }
    if (!organisationsHere(topology, layout).some(({ id }) => id === home)) {
        throw new InputError({ file: 'login' }, `the keys of ${home} are not on this machine: log in where they are`);
    }
}
