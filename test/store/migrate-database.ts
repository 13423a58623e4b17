import { migrate } from '../../src/store/migrations.ts';
import { openConnection } from '../../src/store/sqlite/driver.ts';

/** Migrates the database at a path and says how many migrations it applied. */
const [path = ''] = process.argv.slice(2);
const connection = openConnection(path);
process.stdout.write(String(migrate(connection, 0)));
connection.close();
