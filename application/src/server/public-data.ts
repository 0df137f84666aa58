import type { Queries, ReadModel } from '../read-model/model';
import type { FactRow } from '../read-model/rows';

/** What is listed at most. */
const MOST_DAYS = 400;

/** What everybody may know, from the read model. */
export interface PublicData {
    readonly queries: Queries;
    /** How many blocks are in it. */
    readonly height: number;
    /** Days that were opened, the newest first. */
    days(): Promise<readonly string[]>;
    /** Facts of new blocks, as they come. @returns how to end it */
    onFacts(listener: (facts: readonly FactRow[]) => void): () => void;
}

/** The read model, asked again for what is asked most often only when it has changed. */
export async function publicData(model: ReadModel): Promise<PublicData> {
    let height = ((await model.checkpoint())?.block ?? -1) + 1;
    let days: Promise<readonly string[]> | undefined;
    model.subscribe(({ to }) => {
        height = to + 1;
        days = undefined;
    });
    return {
        queries: model.queries,
        get height() {
            return height;
        },
        days: () => {
            days ??= model.queries.days(undefined, MOST_DAYS).then((rows) => rows.map(({ day }) => day));
            days.catch(() => (days = undefined));
            return days;
        },
        onFacts: (listener) =>
            model.subscribe(({ facts }) => {
                listener(facts);
            }),
    };
}
