// Accents do not matter in a search: the SQL that folds them, on both sides of a comparison.

const ACCENTS = 'àáâãäåçèéêëìíîïñòóôõöùúûüýÿÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝŸ';
const PLAIN = 'aaaaaaceeeeiiiinooooouuuuyyAAAAAACEEEEIIIINOOOOOUUUUYY';

/** SQL of a text without the accents of western Europe's letters; the generated column `sku.search` does the same. */
export function withoutAccents(expression: string): string {
  return `translate(${expression}, '${ACCENTS}', '${PLAIN}')`;
}
