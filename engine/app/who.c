/* who - `tocsin who`: a question to the running engine, or over stored files, as of a moment. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "app/control.h"
#include "app/inputs.h"
#include "app/options.h"
#include "base/log.h"
#include "deliver/file.h"

/* Statements may come so late after what they are about; later, the few that are remembered of an address have moved
 * on. */
static const toc_time patience = 10 * TOC_MIN;

struct who_files {
	struct toc_pipeline *pipeline;
	const char *question;
	toc_time at; /* 0 = the end of the files */
	bool told, known;
};

static void tell(struct who_files *w, toc_time at)
{
	w->told = true;
	w->known = toc_identity_who(w->pipeline->identity, w->question, at, stdout);
}

static void seen(void *user, const struct toc_view *view)
{
	struct who_files *w = user;
	if (w->at && !w->told && view->ev->at > w->at + patience)
		tell(w, w->at);
}

static int over_files(struct who_files *w, const struct toc_config *c, struct toc_texts *files, toc_time received_at,
		      struct toc_diag *diag)
{
	const struct toc_outlet *outlet = &toc_outlet_null;
	struct toc_pipeline_options o = { .seen = seen, .seen_user = w, .received_at = received_at };
	struct toc_inputs inputs;
	uint64_t unseen = 0;
	w->pipeline = toc_pipeline_new(c, &o, outlet, &unseen, diag);
	if (!w->pipeline)
		return TOC_EXIT_USAGE;
	int status = toc_inputs_open(&inputs, w->pipeline, files->at, files->n, 1);
	if (status < 0) {
		toc_inputs_start(&inputs);
		toc_pipeline_run(w->pipeline, NULL, NULL);
		status = toc_inputs_finish(&inputs, w->pipeline) ? TOC_EXIT_OK : TOC_EXIT_FINDINGS;
		if (!w->told)
			tell(w, w->at ? w->at : toc_engine_at(w->pipeline->engine));
	}
	toc_inputs_free(&inputs);
	toc_pipeline_free(w->pipeline);
	if (status == TOC_EXIT_OK && !w->known)
		toc_error("who: nobody is known by that name");
	return status == TOC_EXIT_OK && !w->known ? TOC_EXIT_FINDINGS : status;
}

static int ask_files(const char *path, struct who_files *w, struct toc_texts *files, toc_time received_at)
{
	char data[1024];
	struct toc_diag *diag = toc_diag_new();
	struct toc_config *c = toc_config_load(path, toc_data_folder(data, sizeof(data)), diag);
	int status = toc_diag_errors(diag) ? TOC_EXIT_USAGE : over_files(w, c, files, received_at, diag);
	toc_diag_print(diag, stderr);
	toc_config_free(c);
	toc_diag_free(diag);
	return status;
}

int toc_command_who(int argc, char **argv);
int toc_command_who(int argc, char **argv)
{
	const char *path = NULL, *received = NULL;
	struct toc_texts words = { .n = 0 }, files = { .n = 0 };
	struct who_files w = { .at = 0 };
	toc_time received_at = 0;
	char request[480];
	const struct toc_option options[] = {
		{ "-c", TOC_OPT_TEXT, &path, "FILE  tocsin.yml" },
		{ "--config", TOC_OPT_TEXT, &path, "FILE  the same" },
		{ "--received-at", TOC_OPT_TEXT, &received, "TIME  when stored lines came (their file's mtime)" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL },
	};
	int status = toc_options_read(argc, argv, options, &words);
	if (status >= 0)
		return status;
	unsigned first = words.n >= 2 && strcmp(words.at[1], "at") == 0 ? 3 : 1;
	if (!words.n || words.n < first || (first == 3 && !toc_time_read(words.at[2], &w.at)) ||
	    (received && !toc_time_read(received, &received_at))) {
		toc_error("who: IP|MAC|HOST|USER [at TIME] [FILE …], with a time such as 2026-03-02T08:00:00Z");
		return TOC_EXIT_USAGE;
	}
	w.question = words.at[0];
	for (unsigned i = first; i < words.n; i++)
		files.at[files.n++] = words.at[i];
	if (files.n)
		return ask_files(path, &w, &files, received_at);
	if (strlen(w.question) > 400 || strchr(w.question, '\n')) {
		toc_error("who: that is no name");
		return TOC_EXIT_USAGE;
	}
	snprintf(request, sizeof(request), "who %lld %s\n", (long long)(w.at / TOC_SEC), w.question);
	return toc_ask_engine(path, request);
}
