import { encode } from '@commonwatt/chaincode/api/wire';
import { InputError } from '../data/input-error';
import { isDay } from '../data/zone';
import { Feeder } from '../market/feeder';
import { feederText } from '../report/feeder-text';
import { contextOf, print, withMembers } from './context';
import { rememberedDay } from './day-choice';
import { EXIT, NotNow } from './failure';
import { charterOf, viewer, type ViewOptions } from './look';

/** A day at the feeder: what everybody may know, and to the home that asks what it alone was told. */
export async function feeder(day: string | undefined, options: ViewOptions): Promise<number> {
    const context = contextOf(options);
    const wanted = day ?? rememberedDay(context.layout)?.day;
    if (wanted === undefined || !isDay(wanted)) {
        const why = wanted === undefined ? 'no day has been traded here yet: say which' : `'${wanted}' is not a day`;
        throw new InputError({ file: 'feeder' }, `${why}; write it as 2014-10-03`);
    }
    return withMembers(context, async (members) => {
        const { calls, organisation } = viewer(members, options);
        const { rules } = await charterOf(calls);
        const known = new Feeder(calls);
        const found = await known.day(wanted);
        if (found === undefined) {
            throw new NotNow(
                `${wanted} was not compared with the feeder's meter: it is not closed (\`commonwatt day --resume\`), its terms name no losses, ` +
                    'or fewer than three households stand in its sums',
            );
        }
        const own = organisation.kind === 'household' ? await known.ownSuspicion(wanted) : undefined;
        const shown = own === undefined ? found : { ...found, suspicion: own };
        print(options.json === true ? encode(shown) : feederText(found, rules.currency, own));
        return EXIT.done;
    });
}
