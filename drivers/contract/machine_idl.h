/* The varlink interface org.berth.Machine, as `varlinkctl introspect` shows it. Usable from C and C++. */
#ifndef BERTH_MACHINE_IDL_H
#define BERTH_MACHINE_IDL_H

#include <systemd/sd-varlink-idl.h>

#ifdef __cplusplus
extern "C" {
#endif

extern const sd_varlink_interface vl_interface_org_berth_Machine;

#ifdef __cplusplus
}
#endif

#endif
