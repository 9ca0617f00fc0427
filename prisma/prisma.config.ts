// Where the Prisma CLI finds the model and the migrations (`npx prisma --config prisma/prisma.config.ts …`).
import { defineConfig } from 'prisma/config';

export default defineConfig({
  schema: 'schema.prisma',
  migrations: { path: 'migrations' },
  // For `prisma migrate deploy`, past any pooler; generating needs no database.
  datasource: { url: process.env.DATABASE_DIRECT_URL || (process.env.DATABASE_URL ?? '') },
});
