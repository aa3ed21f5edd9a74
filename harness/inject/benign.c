// SPDX-License-Identifier: GPL-2.0-only
/*
 * Benign sites. What the report says of them must not depend on how many workers there were, which of them died, or how often
 * a run was repeated: so it is the most requests that any run made there, and workers share only that.
 */
#include "benign.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "../trace/util.h"

static int malformed(const char *path, unsigned line, const char *what, const char *text, char *err)
{
	snprintf(err, BENIGN_ERR, "%s:%u: %s: \"%.100s\"", path, line, what, text);
	return -1;
}

static void add(struct benign *benign, const char *site, const char *reason, unsigned line)
{
	benign->entries =
		xreallocarray(benign->entries, benign->count + 1, sizeof(*benign->entries));
	benign->entries[benign->count++] = (struct benign_entry){
		.site = xstrdup(site), .reason = xstrdup(reason), .line = line};
}

static int read_line(const char *path, unsigned line, char *text, struct benign *out, char *err)
{
	char *site = text + strspn(text, " \t"), *reason;

	site[strcspn(site, "\n")] = '\0';
	if (!*site || *site == '#')
		return 0;
	reason = site + strcspn(site, " \t");
	if (*reason)
		*reason++ = '\0';
	reason += strspn(reason, " \t");
	if (!place_is_site(site))
		return malformed(path, line, "no site (function, function+0x1c or file.c:12)", site,
				 err);
	if (!*reason)
		return malformed(path, line, "a reason is missing behind the site", site, err);
	add(out, site, reason, line);
	return 0;
}

int benign_read(const char *path, struct benign *out, char *err)
{
	FILE *file = fopen(path, "r");
	unsigned line = 0;
	char *text = NULL;
	size_t room = 0;
	int result = 0;

	*out = (struct benign){0};
	errno = file ? 0 : errno;
	while (file && !result && getline(&text, &room, file) >= 0)
		result = read_line(path, ++line, text, out, err);
	if (!file || ferror(file)) {
		snprintf(err, BENIGN_ERR, "the benign file %s cannot be read: %s", path,
			 strerror(errno));
		result = -1;
	}
	if (file)
		fclose(file);
	free(text);
	if (result)
		benign_clear(out);
	return result;
}

static bool share_counts(struct benign *benign)
{
	void *p = mmap(NULL, benign->count * sizeof(*benign->most), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	benign->most = p == MAP_FAILED ? NULL : p;
	return benign->most;
}

int benign_resolve(struct benign *benign, char *err)
{
	if (!benign->count)
		return 0;
	for (unsigned i = 0; i < benign->count; i++) {
		struct benign_entry *e = &benign->entries[i];

		switch (places_add_site(&e->places, e->site)) {
		case PLACE_FOUND:
			e->known = true;
			break;
		case PLACE_NOT_THERE:
			break;
		case PLACE_NO_DEBUG_INFORMATION:
			snprintf(err, BENIGN_ERR,
				 "benign site %s (line %u) needs debug information, and no module "
				 "has any (build it with -g)",
				 e->site, e->line);
			return -1;
		}
	}
	benign->here = xcalloc(benign->count, sizeof(*benign->here));
	benign->kept = xcalloc(benign->count, sizeof(*benign->kept));
	if (share_counts(benign))
		return 0;
	snprintf(err, BENIGN_ERR, "no memory to share with workers: %s", strerror(errno));
	return -1;
}

bool benign_covers(struct benign *benign, uint64_t pc)
{
	for (unsigned i = 0; i < benign->count; i++)
		if (places_contain(&benign->entries[i].places, pc)) {
			benign->here[i]++;
			return true;
		}
	return false;
}

void benign_begin(struct benign *benign)
{
	if (benign->here)
		memset(benign->here, 0, benign->count * sizeof(*benign->here));
}

void benign_checkpoint(struct benign *benign)
{
	if (benign->here)
		memcpy(benign->kept, benign->here, benign->count * sizeof(*benign->here));
}

void benign_return(struct benign *benign)
{
	if (benign->here)
		memcpy(benign->here, benign->kept, benign->count * sizeof(*benign->here));
}

void benign_end(struct benign *benign)
{
	for (unsigned i = 0; benign->here && i < benign->count; i++) {
		uint32_t most = atomic_load(&benign->most[i]);

		while (most < benign->here[i] &&
		       !atomic_compare_exchange_weak(&benign->most[i], &most, benign->here[i]))
			;
	}
}

void benign_clear(struct benign *benign)
{
	for (unsigned i = 0; i < benign->count; i++) {
		free(benign->entries[i].site);
		free(benign->entries[i].reason);
		places_clear(&benign->entries[i].places);
	}
	if (benign->most)
		munmap(benign->most, benign->count * sizeof(*benign->most));
	free(benign->here);
	free(benign->kept);
	free(benign->entries);
	*benign = (struct benign){0};
}
