import { encode } from '@commonwatt/chaincode/api/wire';
import { orderingPowers } from '@commonwatt/network/topology/ordering-powers';
import { productionOf, type NumberedProduction } from '../community/producers';
import { InputError } from '../data/input-error';
import { producersTable } from '../report/producers-table';
import { contextOf, print, withMembers } from './context';
import { EXIT } from './failure';
import type { ViewOptions } from './look';

export interface ProducersOptions extends ViewOptions {
    readonly from?: string;
}

/** Who produced which blocks, counted from the blocks of a member's own peer. */
export async function producers(options: ProducersOptions): Promise<number> {
    const context = contextOf(options);
    const from = blockNumber(options.from ?? '0');
    return withMembers(context, async (members) => {
        const { calls } = options.as === undefined ? members.operator : members.member(options.as);
        const height = await calls.gateway.height();
        const blocks: NumberedProduction[] = [];
        for await (const { number, production, isConfiguration, block } of calls.gateway.producedBlocks(
            0,
            height - 1,
        )) {
            blocks.push({ number, production, powers: isConfiguration ? orderingPowers(block) : undefined });
        }
        const production = productionOf(blocks, from);
        print(options.json === true ? encode(production) : producersTable(production));
        return EXIT.done;
    });
}

function blockNumber(text: string): number {
    if (!/^\d{1,15}$/.test(text)) {
        throw new InputError({ file: '--from' }, `'${text}' is not the number of a block`);
    }
    return Number(text);
}
