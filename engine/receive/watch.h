/* watch - what inotify(7) tells of followed files and their folders; one queue for a receiver; private to receive/. */
#ifndef RECEIVE_WATCH_H
#define RECEIVE_WATCH_H

#include "receive/source.h"

/* At the first file: a queue is made. Without one, files are looked at in every turn. */
void watch_begin(struct receiving_env *env);
void watch_end(struct receiving_env *env);

/*
 * A file (its changes), or the folder that a name is or will be in (names that come). The opener watches, as the path
 * may be one that this process cannot reach. Its number, or -1: errno; why nothing is said of a file's growth is told
 * once.
 */
int watch_file(struct receiving_env *env, const char *path);
bool watch_folder(struct receiving_env *env, const char *path);
void watch_remove(struct receiving_env *env, int number);

/* In this turn: may that file have changed; may there be other names? */
bool watch_touched(const struct receiving_env *env, int number);
bool watch_names(const struct receiving_env *env);
void watch_turn_ends(struct receiving_env *env);

#endif
