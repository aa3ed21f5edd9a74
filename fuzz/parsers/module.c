// SPDX-License-Identifier: GPL-2.0-only
/* The target for module files: ELF, also compressed; and the names of what they export, import, and take as parameters. */
#include "parsers.h"

#include <stdlib.h>
#include <string.h>
#include "../../harness/trace/util.h"
#include "../../harness/world/modfile.h"

static void run_module(const uint8_t *data, size_t size, bool careful, struct fuzz_outcome *out)
{
	uint8_t *bytes = xmalloc(size);
	struct modfile mod = {.size = 0};
	char err[KF_ERR] = "";

	memcpy(bytes, data, size);
	if (modfile_from_bytes("input.ko", bytes, size, &mod, err)) {
		parsers_judge(out, "a module is", err);
		return;
	}
	if (!mod.name || !mod.kernel_version)
		fuzz_found(out, FINDING_CHECK, "a module without a name or a version was taken");
	modfile_close(&mod);
}

const struct fuzz_target module_target = {
	.name = "module",
	.about = "Module files (.ko, .ko.xz, .ko.zst)",
	.open = parsers_open,
	.run = run_module,
};
