// The rules of the architecture that imports can break (src/README.md, "Rules and what holds them").

const MODULES =
  'access|catalog|location|stock|availability|reservation|transfer|purchase|order|return|outbox|push|job|customer|contact|sales|forecast|replenishment';

/** A module may import the modules named after it, never the other way round. */
const BELOW = {
  catalog: ['access'],
  location: ['access', 'catalog'],
  stock: ['access', 'catalog', 'location'],
  availability: ['access', 'catalog', 'location', 'stock'],
  outbox: ['access', 'catalog', 'location'],
  reservation: ['access', 'catalog', 'location', 'stock', 'outbox', 'availability'],
  transfer: ['access', 'catalog', 'location', 'stock', 'outbox', 'reservation'],
  purchase: ['access', 'catalog', 'location', 'stock', 'outbox'],
  order: ['access', 'catalog', 'location', 'stock', 'outbox', 'availability', 'reservation', 'transfer'],
  return: ['access', 'catalog', 'location', 'stock', 'outbox', 'order'],
  customer: [
    ...[
      'access',
      'catalog',
      'location',
      'stock',
      'outbox',
      'reservation',
      'transfer',
      'purchase',
      'order',
      'return',
      'sales',
    ],
  ],
  contact: [
    ...[
      'access',
      'catalog',
      'location',
      'stock',
      'availability',
      'outbox',
      'reservation',
      'transfer',
      'purchase',
    ],
    ...['order', 'return', 'sales', 'customer'],
  ],
  job: ['access'],
  sales: ['access', 'catalog', 'location', 'stock', 'reservation', 'order', 'return'],
  forecast: ['access', 'catalog', 'location', 'stock', 'sales'],
  replenishment: [
    ...['access', 'catalog', 'location', 'stock', 'outbox', 'transfer', 'purchase', 'sales', 'forecast'],
  ],
  push: ['access', 'catalog', 'location', 'stock', 'outbox', 'availability', 'order'],
};

const upwards = Object.entries(BELOW).map(([module, below]) => ({
  name: `${module}-imports-downwards-only`,
  severity: 'error',
  from: { path: `^src/${module}/` },
  to: { path: `^src/(${MODULES})/`, pathNot: `^src/(${[module, ...below].join('|')})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphan',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '^src/(db/generated|pages)/' },
      to: {},
    },
    {
      name: 'jobs-import-src-never-back',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(jobs|tests)/' },
    },
    {
      name: 'only-main-loads-the-demonstration',
      severity: 'error',
      from: { path: '^(src|jobs)/', pathNot: '^src/server/main\\.ts$' },
      to: { path: '^prisma/seed/' },
    },
    {
      name: 'rules-are-pure',
      comment:
        'No clock, no database: rules may import other rules, refusals, money, text, types and pure libraries.',
      severity: 'error',
      from: { path: '^src/[^/]+/rules(/|\\.ts$)' },
      to: {
        path: '^src/',
        pathNot: ['^src/[^/]+/rules(/|\\.ts$)', '^src/(values/|forecaster/|matcher/|refusals\\.ts$)'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'acts-and-reads-know-no-graphql',
      severity: 'error',
      from: { path: '^src/[^/]+/(actions|queries)(/|\\.ts$)' },
      to: { path: '^(src/graphql/|src/[^/]+/schema(/|\\.ts$)|node_modules/(graphql|@pothos)/)' },
    },
    {
      name: 'reads-do-not-write',
      severity: 'error',
      from: { path: '^src/[^/]+/queries(/|\\.ts$)' },
      to: { path: '^src/[^/]+/actions(/|\\.ts$)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'foundation-imports-no-module',
      severity: 'error',
      comment: 'Only settings may be declared in terms of the pure rules of a module.',
      from: { path: '^src/(db|runtime|values|config|csv)/|^src/(refusals|metrics)\\.ts$' },
      to: {
        path: `^src/(${MODULES}|graphql|server|cli|forecaster|matcher)/`,
        pathNot: '^src/access/rules/(quotas|roles)\\.ts$',
      },
    },
    {
      name: 'forecaster-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/forecaster/' },
      to: { path: '^src/', pathNot: '^src/forecaster/' },
    },
    {
      name: 'matcher-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/matcher/' },
      to: { path: '^src/', pathNot: '^src/matcher/' },
    },
    {
      name: 'pages-import-nothing-of-the-server',
      severity: 'error',
      from: { path: '^src/pages/' },
      to: { path: '^(src|jobs)/', pathNot: '^src/pages/' },
    },
    {
      name: 'only-programs-import-the-server-or-commands',
      severity: 'error',
      from: { path: `^src/(${MODULES}|graphql)/` },
      to: { path: '^src/(server|cli)/' },
    },
    {
      name: 'no-unlisted-package',
      severity: 'error',
      from: { path: '^(src|jobs)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'unknown'] },
    },
    ...upwards,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // The parser does not know TSX: tests/architecture/pages.test.ts reads the imports of components.
    exclude: { path: '^src/db/generated/|\\.tsx$|\\.generated' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs'],
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default', 'types'],
    },
  },
};
