# SPDX-License-Identifier: GPL-2.0-only
# The function that a driver called is the first line of a stack in a report: it must not be left by a tail call.
$(call object,$(wildcard harness/native/*.c)): CFLAGS += -fno-optimize-sibling-calls
# Where the headers of native mode are when the command runs from the source tree.
$(call object,harness/native/instrument.c): CFLAGS += \
	-DKFAIL_INSTRUMENT_INCLUDE='"$(CURDIR)/harness/instrument/include"'
$(call object,harness/native/compile.c): CFLAGS += \
	-DKFAIL_NATIVE_INCLUDE='"$(CURDIR)/harness/native/include"'
