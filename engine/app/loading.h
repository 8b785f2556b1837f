/* loading - what check, test, fields, rules and lists share: the configuration and everything that it names, without
 * inputs. */
#ifndef APP_LOADING_H
#define APP_LOADING_H

#include "app/options.h"
#include "app/pipeline.h"

struct toc_loading {
	const char *config_path;    /* -c */
	struct toc_texts rules;	    /* instead of the configured ones */
	struct toc_texts pipelines; /* --pipeline */
	struct toc_diag *diag;
	struct toc_config *config;
	struct toc_pipeline *pipeline; /* NULL: there were errors */
	unsigned documents;	       /* rules read, also where there were errors */
	uint64_t unseen;	       /* what the outlet that forgets counts */
	char data[1024];
};

/*
 * Are there no errors yet? Else what the configuration names is loaded too, for its mistakes: a run tells them all.
 */
bool toc_config_sound(const struct toc_config *config, const struct toc_pipeline_options *options,
		      struct toc_diag *diag);

/*
 * Where compiled expressions are kept, made if need be: the folder that was asked for, else cache/ in the state folder,
 * else tocsin/ in $XDG_CACHE_HOME. Written to out; NULL: nowhere. asked and state may be NULL.
 */
const char *toc_cache_folder(const char *asked, const char *state, char *out, size_t n);

/* Reads -c and paths from argv (extra: more options, or NULL), loads. -1, or an exit status. Mistakes are in diag. */
int toc_loading_begin(struct toc_loading *l, int argc, char **argv, const struct toc_option *extra);
void toc_loading_end(struct toc_loading *l);

#endif
