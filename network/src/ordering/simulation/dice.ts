/** A linear congruential generator (Numerical Recipes): what a seed decides is the same on every machine. */
export class Dice {
    #state: number;

    constructor(seed: number) {
        this.#state = seed >>> 0;
    }

    /** From 0 to below the bound. */
    below(bound: number): number {
        this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
        return Math.floor((this.#state / 2 ** 32) * bound);
    }

    pick<T>(list: readonly T[]): T {
        const chosen = list[this.below(list.length)];
        if (chosen === undefined) throw new Error('nothing to choose from');
        return chosen;
    }
}
