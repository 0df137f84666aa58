import { encode } from '@commonwatt/chaincode/api/wire';
import { seats } from '@commonwatt/network/topology/topology';
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
        const powers = seats(context.topology).map(({ mspId, orderingSeat }) => ({
            mspId,
            power: BigInt(orderingSeat.weight),
        }));
        const height = await calls.gateway.height();
        const blocks: NumberedProduction[] = [];
        for await (const { number, production } of calls.gateway.producedBlocks(from, height - 1)) {
            blocks.push({ number, production });
        }
        const production = productionOf(blocks, powers);
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
