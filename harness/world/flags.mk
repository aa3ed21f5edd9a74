# SPDX-License-Identifier: GPL-2.0-only
# Where the header for instrumented code is when the command runs from the source tree.
$(call object,harness/world/module_build.c): CFLAGS += \
	-DKFAIL_INSTRUMENT_INCLUDE='"$(CURDIR)/harness/instrument/include"'
