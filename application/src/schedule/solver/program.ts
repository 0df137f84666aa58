import loadHighs, { type Highs, type ModelData } from 'highs';

/** A linear or convex quadratic program, column by column: min Σ cost·x + ½·quadratic·x² with rows between bounds. */
export class Program {
    private readonly costs: number[] = [];
    private readonly quadratics: number[] = [];
    private readonly lower: number[] = [];
    private readonly upper: number[] = [];
    private readonly isWhole: boolean[] = [];
    private readonly columns: { row: number; value: number }[][] = [];
    private readonly rows: { least: number; most: number }[] = [];

    /** A row `least` ≤ Σ coefficient·x ≤ `most`; returns its number. */
    row(least: number, most = least): number {
        return this.rows.push({ least, most }) - 1;
    }

    /** A column; returns its number. */
    column(given: Column): number {
        const { cost = 0, quadratic = 0, least = 0, most = Infinity, isWhole = false, in: entries } = given;
        this.costs.push(cost);
        this.quadratics.push(quadratic);
        this.lower.push(least);
        this.upper.push(most);
        this.isWhole.push(isWhole);
        return this.columns.push(entries.map(([row, value]) => ({ row, value }))) - 1;
    }

    /** Holds a column at a value. */
    fix(column: number, value: number): void {
        this.lower[column] = value;
        this.upper[column] = value;
        this.isWhole[column] = false;
    }

    hasWhole(): boolean {
        return this.isWhole.some(Boolean);
    }

    /** As HiGHS takes it. */
    data(highs: Highs): ModelData {
        const { continuous, integer } = highs.constants.variableType;
        return {
            numCols: this.columns.length,
            numRows: this.rows.length,
            colCost: this.costs,
            colLower: this.lower,
            colUpper: this.upper,
            rowLower: this.rows.map(({ least }) => least),
            rowUpper: this.rows.map(({ most }) => most),
            matrix: this.matrix(),
            ...(this.hasWhole() ? { integrality: this.isWhole.map((whole) => (whole ? integer : continuous)) } : {}),
            ...(this.quadratics.some((each) => each !== 0) ? { hessian: this.hessian() } : {}),
        };
    }

    private matrix(): ModelData['matrix'] {
        const starts = [0];
        this.columns.forEach((entries, i) => starts.push((starts[i] ?? 0) + entries.length));
        return {
            format: 'csc',
            numRows: this.rows.length,
            numCols: this.columns.length,
            starts,
            indices: this.columns.flatMap((entries) => entries.map(({ row }) => row)),
            values: this.columns.flatMap((entries) => entries.map(({ value }) => value)),
        };
    }

    private hessian(): NonNullable<ModelData['hessian']> {
        const starts = [0];
        this.quadratics.forEach((each, i) => starts.push((starts[i] ?? 0) + (each === 0 ? 0 : 1)));
        return {
            format: 'triangular',
            dimension: this.columns.length,
            starts,
            indices: this.quadratics.flatMap((each, i) => (each === 0 ? [] : [i])),
            values: this.quadratics.filter((each) => each !== 0),
        };
    }
}

export interface Column {
    readonly cost?: number;
    readonly quadratic?: number;
    readonly least?: number;
    readonly most?: number;
    readonly isWhole?: boolean;
    /** Rows in which it stands, and with which coefficient. */
    readonly in: readonly (readonly [number, number])[];
}

export interface Solved {
    readonly objective: number;
    /** By column. */
    readonly values: Float64Array;
    /** By row: by how much the objective rises with the row's bound. Of a program without whole columns. */
    readonly duals: Float64Array;
}

let loaded: Promise<Highs> | undefined;

/** HiGHS, loaded once: 3.5 MB of WebAssembly. */
export const solver = (): Promise<Highs> => (loaded ??= loadHighs());

/** @throws Error where HiGHS finds no optimum, naming what it says instead. */
export async function solved(program: Program): Promise<Solved> {
    const highs = await solver();
    const model = highs.createModel(program.data(highs));
    try {
        model.options.set({ output_flag: false });
        return solutionOf(highs, model);
    } finally {
        model.dispose();
    }
}

type Model = ReturnType<Highs['createModel']>;

export function solutionOf(highs: Highs, model: Model): Solved {
    model.run();
    const status = model.getModelStatus();
    if (status !== highs.constants.modelStatus.optimal) {
        throw new Error(`HiGHS ends with the model status ${status} instead of an optimum`);
    }
    const { colValue, rowDual } = model.getSolution();
    return { objective: model.getObjectiveValue(), values: colValue, duals: rowDual };
}
