/*
 * metrics - what `tocsin status` tells, for those who scrape: /metrics in Prometheus' text form, /healthz and /readyz.
 * On loopback or a unix socket only. Labels are names of stages and reasons, which are tables of ours: no input makes
 * a new one.
 */
#ifndef APP_METRICS_H
#define APP_METRICS_H

#include "app/control_text.h"

/* Before the fork. The listening socket; -1: none is configured; -2 after a message. */
int toc_metrics_listen(const struct toc_config *config);

/* A request's path (cut to room); the connection, or -1: there was no sound one. Waits for it a second at most. */
enum { TOC_METRICS_PATH = 32 };
int toc_metrics_accept(int listening, char path[TOC_METRICS_PATH]);

/* Answers and closes. status NULL: the engine does not answer. */
void toc_metrics_answer(int fd, const char *path, const struct control_status *status, const struct toc_pipeline *p);

#endif
