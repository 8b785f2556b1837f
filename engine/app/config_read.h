/* config_read - what the readers of tocsin.yml's sections share. */
#ifndef APP_CONFIG_READ_H
#define APP_CONFIG_READ_H

#include "app/config.h"

enum { CONFIG_SECTIONS = 19 };

struct config_reading {
	struct toc_config *c;
	struct toc_diag *diag;
	struct toc_sha256 *digest;			/* of what was read */
	const struct toc_opener *opener;
	const char *only;				/* a reload reads only this section; NULL: all */
	const char *data;				/* folder of the shipped rules */
	const struct toc_yaml *stands[CONFIG_SECTIONS]; /* where a section was read from; NULL: it was not yet */
};

void config_mistake(struct config_reading *r, const struct toc_yaml *at, const char *what);
bool config_is_map(struct config_reading *r, const struct toc_yaml *node, const char *what);

/* These leave *out as it is where node is NULL or wrong; what is wrong is told. */
void config_str(struct config_reading *r, const struct toc_yaml *node, const char **out);
void config_path(struct config_reading *r, const struct toc_yaml *node, const char **out);
void config_number(struct config_reading *r, const struct toc_yaml *node, int64_t least, int64_t most, int64_t *out);

/* Relative paths begin where the configuration lies. */
const char *config_beside(struct config_reading *r, const char *path);

/* config_listen.c: the section `syslog`. */
void config_listeners(struct config_reading *r, const struct toc_yaml *node);
/* Datagrams before streams, so that each kind can have a thread; otherwise in the order of the file. */
void config_sort_listeners(struct toc_config *c);

/* config_deliver.c: the section `deliver`. */
void config_deliver(struct config_reading *r, const struct toc_yaml *node);

/* config_evidence.c: the section `evidence`. */
void config_evidence_defaults(struct toc_config *c);
void config_evidence(struct config_reading *r, const struct toc_yaml *node);

/* config_retention.c: the section `retention`; the check, when all sections were read. */
void config_retention_defaults(struct toc_config *c);
void config_retention(struct config_reading *r, const struct toc_yaml *node);
void config_retention_check(struct config_reading *r);

/* config_notify.c: the section `notify`. */
void config_notify(struct config_reading *r, const struct toc_yaml *node);

/* config_overload.c: the section `overload`. */
void config_overload_defaults(struct toc_config *c);
void config_overload(struct config_reading *r, const struct toc_yaml *node);

/* config_canary.c: the section `canary`. */
void config_canary(struct config_reading *r, const struct toc_yaml *node);

/* config_metrics.c: `metrics`. */
void config_metrics_defaults(struct toc_config *c);
void config_metrics(struct config_reading *r, const struct toc_yaml *node);

#endif
