/* export_deeds - what people did to the alerts that are exported, and what they noted: from Redis, or from a hold. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/export.h"
#include "app/secret.h"
#include "base/files.h"
#include "cli/plain.h"

enum { FILE_MOST = 256 << 20, PASSWORD = 256 };

static void add(struct export_alert *a, struct toc_span deed)
{
	a->deeds = realloc(a->deeds, (a->ndeeds + 1) * sizeof(*a->deeds));
	char *text = strndup((const char *)deed.p, deed.n);
	if (!a->deeds || !text)
		abort();
	a->deeds[a->ndeeds++] = text;
}

static void take_event(struct export_alert *a, const struct cli_event *e)
{
	struct text t = { 0 };
	cli_event_json(&t, e);
	add(a, toc_span_of(t.p, t.n));
	text_free(&t);
}

/* {"alert":"ID","deed":{…}}, as keep_hold.c writes it. */
static void take_line(struct toc_arena *arena, struct export_alerts *alerts, struct toc_span line)
{
	const struct cli_node *node = cli_tree_read(arena, line);
	const char *id = toc_arena_str(arena, cli_tree_text(node, "alert"));
	const struct toc_span deed = toc_span_from(line, sizeof("{\"alert\":\"\",\"deed\":") - 1 + strlen(id));
	struct export_alert *a = export_find(alerts, id);
	if (a && cli_tree_at(node, "deed") && toc_span_starts(deed, "{"))
		add(a, toc_span_first(deed, deed.n - 1));
}

static bool from_file(const char *path, struct export_alerts *a, char *err, size_t room)
{
	size_t n = 0;
	uint8_t *all = toc_files_read(&toc_opener_self, path, FILE_MOST, &n);
	if (!all) { /* nobody did anything: there is no file */
		snprintf(err, room, "%s: %s", path, strerror(errno));
		return errno == ENOENT;
	}
	struct toc_arena *arena = toc_arena_new();
	for (struct toc_span rest = toc_span_of(all, n); rest.n;) {
		const size_t end = toc_span_find(rest, '\n');
		take_line(arena, a, toc_span_first(rest, end));
		rest = toc_span_from(rest, end + 1);
	}
	toc_arena_free(arena);
	free(all);
	return true;
}

static bool from_board(const struct toc_config *config, struct toc_asker *redis, struct export_alerts *a, char *err,
		       size_t room)
{
	const struct cli_board_config about = { .redis = redis,
						.uid = toc_keeper_uid,
						.people = config->people,
						.routes = toc_people_routes(config->people, config->arena),
						.deeds_only = true };
	struct cli_board *board = cli_board_new(&about);
	bool many, ok = cli_board_read(board, err, room) >= 0;
	if (ok && cli_board_full(board)) {
		snprintf(err, room, "there are more deeds in Redis than are read");
		ok = false;
	}
	for (unsigned i = 0; ok && i < a->n; i++) {
		const struct cli_alert *of = cli_board_find(board, a->at[i].id, &many);
		for (unsigned k = 0; of && k < of->nevents; k++)
			take_event(&a->at[i], of->events[k]);
	}
	cli_board_free(board);
	return ok;
}

bool export_take_deeds(const struct toc_config *config, const struct export_source *from, struct export_alerts *a,
		       char *err, size_t room)
{
	char password[PASSWORD];
	if (from->file)
		return from_file(from->file, a, err, room);
	const char *url = from->redis ? from->redis : config->redis_url;
	if (!config->people || !url)
		return true; /* nobody can do anything to an alert */
	const char *wrong = from->password_file ? toc_secret_read(toc_secret_path(config->arena, from->password_file),
								  password, sizeof(password))
						: NULL;
	if (wrong) {
		snprintf(err, room, "--password-file: %s", wrong);
		return false;
	}
	const struct toc_ask_config ask = { .url = url,
					    .user = from->password_file ? toc_keeper_uid : NULL,
					    .password = from->password_file ? password : NULL,
					    .tls = { config->tls_ca, config->tls_cert, config->tls_key } };
	struct toc_asker *redis = toc_asker_new(&ask, err, room);
	const bool ok = redis && from_board(config, redis, a, err, room);
	toc_asker_free(redis);
	return ok;
}
