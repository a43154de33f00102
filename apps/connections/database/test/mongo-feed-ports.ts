/** The task feed on MongoDB for the tests, beside the tasks that it tells of. */
import type { TestContext } from 'node:test';
import type { TestServer } from '@connections/testing';
import { type FollowedTasks, Follower } from '../conformance/feed-acts.ts';
import { MongoTaskFeed } from '../src/driver/mongo/mongo-task-feed.ts';
import { type OpenedTasks, openDatabase, openTasks } from './mongo-ports.ts';

export type OpenedFeed = OpenedTasks & FollowedTasks & { readonly feed: MongoTaskFeed };

export async function openFollowed(url: string): Promise<OpenedFeed> {
  const opened = await openTasks(url);
  const { link, tasks } = opened;
  return { ...opened, capabilities: tasks.capabilities, feed: new MongoTaskFeed(link, 'tasks') };
}

/** On an empty database, closed after the test, with followers that are stopped before. */
export async function openFollowedDatabase(context: TestContext, server: TestServer) {
  const database = await openDatabase(server);
  const opened = await openFollowed(database.url);
  const followers: Follower[] = [];
  context.after(async () => {
    for (const follower of followers) await follower[Symbol.asyncDispose]();
    await opened[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });
  const follow = async (after?: string, namespace = 'default') => {
    const follower = new Follower({ port: opened, namespace }, after);
    followers.push(follower);
    await follower.until(() => {
      if (follower.tokens.length === 0) throw new Error('the feed does not begin');
    });
    return follower;
  };
  return { ...opened, url: database.url, db: database.db, follow };
}
