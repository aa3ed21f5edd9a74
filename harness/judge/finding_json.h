/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Findings as jansson objects: the same for the line between worker and supervisor and for the
 * report. Keys are those of the command line's JSON object; they come in a fixed order.
 */
#ifndef KFAIL_JUDGE_FINDING_JSON_H
#define KFAIL_JUDGE_FINDING_JSON_H

#include <jansson.h>
#include "finding.h"

/* New references. They never fail: without host memory the process ends. */
json_t *finding_to_object(const struct finding *finding);
json_t *not_judged_to_object(const struct not_judged *entry);

/* Add a member; a NULL value means that there was no memory for it. */
void json_put(json_t *object, const char *key, json_t *value);
/* A string, null for NULL. Bytes that are not UTF-8 become '?': JSON cannot hold them. */
json_t *json_text(const char *text);
/* A number; above 2^63 - 1, which JSON readers do not hold, its hexadecimal text. */
json_t *json_u64(uint64_t value);

/* Members read back; NULL, 0 or false for one that is not there or of another type. */
char *json_get_text(const json_t *object, const char *key); /* malloc()ed */
uint64_t json_get_u64(const json_t *object, const char *key);
bool json_get_bool(const json_t *object, const char *key);

/* coverage_json.c: what a sweep covered, as members of an object, and back (into an empty result). */
void coverage_to_object(json_t *object, const struct sweep_result *result);
void coverage_from_object(const json_t *object, struct sweep_result *result);

#endif
