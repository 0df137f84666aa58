import { existsSync } from 'node:fs';
import { networkStatus } from '@commonwatt/network/topology/processes/network';
import type { MemberGateway } from '../gateway/member-gateway';
import { follow } from '../read-model/follow';
import type { ReadModel } from '../read-model/model';
import { openReadModel, readModelFile } from '../read-model/open';
import { rebuild } from '../read-model/rebuild';
import { followedText, rebuiltText, statusText } from '../report/read-model-text';
import { contextOf, print, withMembers, type Context } from './context';
import { EXIT, NotNow } from './failure';
import type { ViewOptions } from './look';
import { untilTold } from './until-told';

/** What `read-model` does. */
export const READ_MODEL_PARTS = ['status', 'follow', 'rebuild'] as const;
export type ReadModelPart = (typeof READ_MODEL_PARTS)[number];

export interface ReadModelOptions extends ViewOptions {
    readonly database?: string;
    readonly once?: boolean;
    readonly digest?: boolean;
}

/** The database of what stands on the channel: what `serve` shows, to be kept up, looked at, and made anew. */
export async function readModel(part: ReadModelPart, options: ReadModelOptions): Promise<number> {
    const context = contextOf(options);
    const whose = options.as ?? context.topology.homes[0] ?? 'DSO';
    const where = options.database ?? readModelFile(context.layout, whose);
    switch (part) {
        case 'status':
            return status(where, context, options);
        case 'follow':
            return withMembers(context, (members) => followed(members.member(whose).calls.gateway, where, options));
        case 'rebuild':
            return withMembers(context, (members) => rebuilt(members.member(whose).calls.gateway, where, options));
    }
}

async function status(where: string, context: Context, options: ReadModelOptions): Promise<number> {
    if (!where.includes('://') && !existsSync(where)) {
        throw new NotNow(
            `there is no read model at ${where}; \`commonwatt serve\` or \`commonwatt read-model follow\` makes one`,
        );
    }
    const model = await openReadModel(where);
    try {
        const [at, counts] = [await model.checkpoint(), await model.queries.counts()];
        const digest = options.digest === true ? await model.digest() : undefined;
        const { state } = await networkStatus(context.topology, context.layout);
        const said = { ...counts, ...at, ...(digest !== undefined && { digest }), network: state };
        print(options.json === true ? JSON.stringify(said) : statusText(said));
        return EXIT.done;
    } finally {
        await model.close();
    }
}

async function followed(gateway: MemberGateway, where: string, options: ReadModelOptions): Promise<number> {
    const stopping = new AbortController();
    const model = await openReadModel(where);
    reportProgress(model);
    try {
        const upTo = options.once === true ? (await gateway.height()) - 1 : Infinity;
        const ending = options.once === true ? new Promise<never>(() => undefined) : untilTold();
        const following = follow(gateway, model, stopping.signal, { upTo, onInterruption: say });
        await Promise.race([following, ending]);
        stopping.abort();
        await following;
        const at = await model.checkpoint();
        print(options.json === true ? JSON.stringify(at ?? {}) : followedText(at));
        return EXIT.done;
    } finally {
        await model.close();
    }
}

async function rebuilt(gateway: MemberGateway, where: string, options: ReadModelOptions): Promise<number> {
    const made = await rebuild(gateway, where, (await gateway.height()) - 1, new AbortController().signal);
    print(options.json === true ? JSON.stringify(made) : rebuiltText(made));
    return made.isSame ? EXIT.done : EXIT.failed;
}

/** Every thousand blocks, and where blocks stop coming. */
function reportProgress(model: ReadModel): void {
    model.subscribe(({ from, to }) => {
        if (Math.floor(from / 1000) !== Math.floor((to + 1) / 1000)) {
            say(`block ${to}`);
        }
    });
}

function say(what: unknown): void {
    process.stderr.write(`${what instanceof Error ? what.message : String(what)}\n`);
}
